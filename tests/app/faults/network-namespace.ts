import { execFileSync, spawnSync } from 'node:child_process';

/** Whether this process may make network namespaces. */
export const mayMakeNamespaces = (() => {
  const name = `tidemark-probe-${process.pid}`;
  const made = process.platform === 'linux' && spawnSync('ip', ['netns', 'add', name]).status === 0;
  const linked = made && spawnSync('ip', veth('tmprobe0', 'tmprobe1', name)).status === 0;
  if (made) spawnSync('ip', ['netns', 'delete', name]);
  return linked;
})();

/** A network of its own, with two links into it, one of which can be cut. */
export interface NetworkNamespace {
  /** Our address as seen from inside, over the link that can be cut. */
  readonly outside: string;
  /** The address inside, over the link that always works. */
  readonly inside: string;
  /** Starts a program inside. */
  readonly launcher: readonly string[];
  /** Drops packets from now on without telling anyone, or lets them pass again. */
  cut(isCut: boolean): void;
  remove(): void;
}

function ip(...args: string[]) {
  return execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function veth(outer: string, inner: string, namespace: string): string[] {
  return ['link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', namespace];
}

export function makeNamespace(): NetworkNamespace {
  const name = `tidemark-${process.pid}`;
  const subnet = `10.213.${process.pid % 250}`;
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const links = [
    { outer: `tmc${process.pid}`, outside: `${subnet}.1`, inside: `${subnet}.2` },
    { outer: `tmo${process.pid}`, outside: `${subnet}.5`, inside: `${subnet}.6` },
  ] as const;
  for (const { outer, outside, inside } of links) {
    ip(...veth(outer, `${outer}i`, name));
    ip('address', 'add', `${outside}/30`, 'dev', outer);
    ip('-n', name, 'address', 'add', `${inside}/30`, 'dev', `${outer}i`);
    ip('link', 'set', outer, 'up');
    ip('-n', name, 'link', 'set', `${outer}i`, 'up');
  }
  return {
    outside: links[0].outside,
    inside: links[1].inside,
    launcher: ['ip', 'netns', 'exec', name],
    cut: (isCut) => ip('link', 'set', links[0].outer, isCut ? 'down' : 'up'),
    remove: () => ip('netns', 'delete', name),
  };
}
