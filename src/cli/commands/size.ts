import { Command, Option } from 'commander';
import { loadConfig } from '../../config.ts';
import { estimateSize, PEAK } from '../../doctor/size-estimate.ts';
import { wholeNumber } from '../../setting.ts';
import { DAY } from '../../time.ts';
import { readAs } from '../read-as.ts';
import { readDuration } from '../read-duration.ts';
import { reportFailure } from '../report-failure.ts';
import { formatNumber, formatPairs } from '../table.ts';

const readCount = readAs(wholeNumber(1, 100_000_000_000));

interface Flags {
  eventsPerDay: number;
  series: number;
  /** Milliseconds. */
  retention?: number;
  dedupWindow?: number;
}

/** `tidemark size`: estimates the disk and the CPU that a load needs. It reads no database. */
export function sizeCommand(): Command {
  return new Command('size')
    .description('estimate the disk and the CPU that a load needs; docs/scaling.md says how')
    .addOption(
      new Option('--events-per-day <number>', 'events of all orgs on a day')
        .argParser(readCount)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--series <number>',
        'different combinations of org, type, model, client and other dimensions on a day',
      )
        .argParser(readCount)
        .makeOptionMandatory(),
    )
    .option('--retention <duration>', 'time that raw events are kept (default: RAW_RETENTION)', readDuration)
    .option('--dedup-window <duration>', 'time that ids are remembered (default: DEDUP_WINDOW)', readDuration)
    .action((flags: Flags) => {
      try {
        process.stdout.write(estimateOf(flags));
      } catch (error) {
        reportFailure(error);
      }
    });
}

function estimateOf({ eventsPerDay, series, retention, dedupWindow }: Flags): string {
  const config = loadConfig(process.env);
  const estimate = estimateSize({
    eventsPerDay,
    series,
    rawDays: (retention ?? config.rawRetention) / DAY,
    dedupDays: (dedupWindow ?? config.dedupWindow) / DAY,
  });
  const gigabytes = (bytes: number) => `${formatNumber(bytes / 1e9, 1)} GB`;
  return `\n${formatPairs([
    ['raw events', gigabytes(estimate.events)],
    ['event ids', gigabytes(estimate.ids)],
    ['series', gigabytes(estimate.series)],
    ['rollups', gigabytes(estimate.rollups)],
    ['disk, once all is as old as it is kept', gigabytes(estimate.total)],
    ['cores, on average', formatNumber(estimate.cores, 2)],
    [`cores, at a peak of ${PEAK} times that`, formatNumber(estimate.peakCores, 2)],
  ])}\n  Leave as much disk free again, for the write-ahead log, for rows that wait to be cleaned up, and for growth.\n\n`;
}
