import { expect, test } from 'vitest';
import { sleep } from '../time.ts';
import { GiveWay } from './give-way.ts';

test('work pauses while a question runs and shortly after, and not once nobody asks', async () => {
  const way = new GiveWay();
  expect(way.pause()).toBeUndefined();
  const [end, endOther] = [way.begin(), way.begin()];
  end();
  expect(way.pause()).toBeInstanceOf(Promise);
  await sleep(100);
  expect(way.pause()).toBeInstanceOf(Promise);
  endOther();
  expect(way.pause()).toBeInstanceOf(Promise);
  await sleep(100);
  expect(way.pause()).toBeUndefined();
});
