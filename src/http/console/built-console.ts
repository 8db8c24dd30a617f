import { access, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../errors.ts';
import { fixedAnswer } from '../shell/fixed-answer.ts';

/** What `npm ci`, `npm start` or `npm run build -w console` has built. It is as far from here in the npm package. */
export const consoleFolder: string = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

const PAGE = `${consoleFolder}index.html`;

/** Whether the page may load a file of this name. */
export async function hasAsset(name: string): Promise<boolean> {
  if (!/^[\w-]+\.[\w.-]+$/.test(name)) return false;
  return access(`${consoleFolder}assets/${name}`).then(
    () => true,
    () => false,
  );
}

/**
 * The page of the console. The addresses of its files are relative to its folder, and those of its pages differ in depth, so the
 * path of the service is put in front of each. It is read again when it was built again, because its files have new names then.
 * @param publicUrl the address of the service for browsers; its path is the one that a proxy serves us below
 */
export function consolePage(publicUrl: string | undefined) {
  const base = `${publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '')}/console`;
  let builtAt = 0;
  let page = fixedAnswer(() => readPage(base));
  return {
    async send(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
      const { mtimeMs } = await stat(PAGE).catch(() => ({ mtimeMs: 0 }));
      if (mtimeMs !== builtAt) {
        builtAt = mtimeMs;
        page = fixedAnswer(() => readPage(base));
      }
      return page.send(request, reply);
    },
  };
}

async function readPage(base: string): Promise<string> {
  const page = await readFile(PAGE, 'utf8').catch(() => {
    throw new CodedError('unavailable', 'The console is not built here. Run: npm run build -w console');
  });
  return page
    .replace('data-base="/console"', `data-base="${encodeURI(base)}"`)
    .replaceAll(/(href|src)="\.\//g, `$1="${encodeURI(base)}/`);
}
