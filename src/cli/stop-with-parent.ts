/**
 * Stops this process once the wrapper that started it is gone, even if it was killed. `bin/tidemark.js` opens the
 * channel under a Node that cannot run TypeScript. Without a channel this does nothing.
 */
export function stopWithParent(): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => void process.kill(process.pid, 'SIGTERM'));
  // The listener alone would keep a command running that has finished its work.
  process.channel.unref();
}
