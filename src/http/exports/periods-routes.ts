import { Type } from 'typebox';
import { decimalText } from '../../decimal.ts';
import { CodedError } from '../../errors.ts';
import { COST_SCALE } from '../../events/field.ts';
import { askForFiles } from '../../exports/periods/deliver-month.ts';
import { monthText, readMonth } from '../../exports/periods/month.ts';
import { pendingCorrections } from '../../exports/periods/pending-corrections.ts';
import {
  type ClosedPeriod,
  type Correction,
  listCorrections,
  listPeriods,
  type PendingCorrection,
} from '../../exports/periods/read-periods.ts';
import { reopenMonth } from '../../exports/periods/reopen-month.ts';
import { listSchedules } from '../../exports/periods/schedule.ts';
import { orNull, textOrNull } from '../fields/nullable.ts';
import { moment, shortText } from '../fields/texts.ts';
import { OrgParams } from '../figures/query-schema.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { ExportJobSchema } from './export-schema.ts';
import { type ExportsOptions, answerOf as jobAnswerOf } from './exports-routes.ts';
import { MonthlyDatasetSchema, MonthPattern } from './schedule-schema.ts';

const PATH = '/analytics/v1/orgs/:orgId/periods';
const tags = ['Exports'];
/** Thirteen months of two datasets, with their revisions. */
const MOST_PERIODS = 200;
const MOST_CORRECTIONS = 1_000;

const MonthParams = Type.Object({ ...OrgParams.properties, month: MonthPattern });
const DatasetQuery = Type.Object({ dataset: MonthlyDatasetSchema });

export interface PeriodsOptions extends ExportsOptions {
  /** Who issues the costs. */
  issuer: string;
}

/** The months of an org: closed ones with their revisions and corrections, and the next one to be closed. */
export function registerPeriodsRoutes(server: Server, options: PeriodsOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.get(`${PATH}/:month`, readRoute, (request) => read(options, request));
  server.post(`${PATH}/:month/reopen`, reopenRoute, (request) => reopen(options, request));
  server.post(`${PATH}/:month/exports`, exportRoute, (request, reply) =>
    exportAgain(options, request, reply),
  );
}

const numbers = Type.Record(Type.String(), Type.String());

const PeriodSchema = Type.Object({
  period: Type.String({ description: 'The month, such as 2026-10.' }),
  dataset: MonthlyDatasetSchema,
  revision: Type.Integer({ description: '1; more after the month was reopened.' }),
  final: Type.Boolean({ description: 'true: the rows of this revision never change.' }),
  closedAt: moment('When it was closed.'),
  closedBy: Type.String(),
  note: textOrNull('Why a person reopened it.'),
  deliveredAt: orNull(moment('When its files were written; null until then.')),
  jobId: textOrNull('The export of its files.'),
  rows: Type.Integer(),
  corrections: Type.Integer({ description: 'Rows that correct earlier months.' }),
  costDollars: Type.String({ description: 'Exact dollars of all its rows.' }),
  reconciliation: Type.Object({
    told: numbers,
    rollups: numbers,
    raw: Type.Union([numbers, Type.Null()]),
    bookedDays: Type.Array(Type.String()),
  }),
});

const listRoute = {
  config: requires('exports:read', 'param'),
  schema: {
    tags,
    summary: 'The closed months of the org, and those that are closed next',
    params: OrgParams,
    querystring: Type.Object({ dataset: Type.Optional(MonthlyDatasetSchema) }),
    response: {
      200: Type.Object({
        items: Type.Array(PeriodSchema),
        open: Type.Array(
          Type.Object({
            period: Type.String(),
            dataset: MonthlyDatasetSchema,
            final: Type.Literal(false),
            schedule: Type.String(),
            dueAt: moment('When it is due to be closed.'),
          }),
          { description: 'The next month of each schedule. Its numbers may still change.' },
        ),
      }),
    },
  },
};

async function list({ pool }: PeriodsOptions, { params, query }: RequestTo<typeof listRoute>) {
  const { orgId } = params;
  const periods = await listPeriods(pool, { orgId, dataset: query.dataset, limit: MOST_PERIODS });
  const schedules = await listSchedules(pool, orgId);
  return {
    items: periods.map(answerOf),
    open: schedules
      .filter(({ dataset }) => dataset === (query.dataset ?? dataset))
      .map(({ name, dataset, nextPeriod, dueAt }) => ({
        ...{ period: monthText(nextPeriod), dataset, schedule: name },
        ...{ final: false as const, dueAt: new Date(dueAt).toISOString() },
      })),
  };
}

const PendingSchema = Type.Object({
  start: moment('Start of the corrected bucket.'),
  end: moment('Its end, exclusive.'),
  type: Type.String(),
  modelId: textOrNull(),
  clientId: textOrNull(),
  provider: textOrNull(),
  pipeline: textOrNull(),
  reason: Type.Enum(['late_events', 'repricing'] as const),
  events: Type.String({ description: 'How many more events.' }),
  costDollars: Type.String({ description: 'How much more, in exact dollars.' }),
});

const CorrectionSchema = Type.Object({
  deliveredIn: Type.String({ description: 'The month in whose file the row is.' }),
  revision: Type.Integer(),
  ...PendingSchema.properties,
});

const readRoute = {
  config: requires('exports:read', 'param'),
  schema: {
    tags,
    summary: 'A closed month: its revisions, the corrections of it that later files have, and those to come',
    params: MonthParams,
    querystring: DatasetQuery,
    response: {
      200: Type.Object({
        revisions: Type.Array(PeriodSchema, { description: 'The last one first.' }),
        corrections: Type.Array(CorrectionSchema),
        truncated: Type.Boolean({
          description: `Whether there are more than ${MOST_CORRECTIONS} corrections.`,
        }),
        pending: Type.Object(
          { corrections: Type.Array(PendingSchema), truncated: Type.Boolean() },
          { description: 'What the file of the next month would tell of this month if it were closed now.' },
        ),
      }),
    },
  },
};

async function read({ pool, clock }: PeriodsOptions, { params, query }: RequestTo<typeof readRoute>) {
  const wanted = wantedMonth(params, query.dataset);
  const revisions = await revisionsOf(pool, wanted);
  const corrections = await listCorrections(pool, { ...wanted, limit: MOST_CORRECTIONS + 1 });
  const pending = await pendingCorrections(pool, { ...wanted, limit: MOST_CORRECTIONS + 1 }, clock.now());
  return {
    revisions: revisions.map(answerOf),
    corrections: corrections.slice(0, MOST_CORRECTIONS).map(correctionAnswer),
    truncated: corrections.length > MOST_CORRECTIONS,
    pending: {
      corrections: pending.slice(0, MOST_CORRECTIONS).map(pendingAnswer),
      truncated: pending.length > MOST_CORRECTIONS,
    },
  };
}

const reopenRoute = {
  config: requires('exports:write', 'param'),
  schema: {
    tags,
    summary: 'Close a month again, with its numbers as they are now',
    description:
      'The month gets its next revision, and new files. Earlier revisions stay as they are. Only a person may do this, ' +
      'with a note, and the audit log records it.',
    params: MonthParams,
    body: Type.Object(
      { dataset: MonthlyDatasetSchema, note: shortText(1_000, 'Why the month is reopened.') },
      { additionalProperties: false },
    ),
    response: { 200: PeriodSchema },
  },
};

async function reopen(options: PeriodsOptions, request: RequestTo<typeof reopenRoute>) {
  const wanted = wantedMonth(request.params, request.body.dataset);
  await reopenMonth(options, { ...wanted, note: request.body.note }, callerOf(request));
  const [last] = await revisionsOf(options.pool, wanted);
  return answerOf(last);
}

const exportRoute = {
  config: requires('exports:write', 'param'),
  schema: {
    tags,
    summary: 'Write the files of a closed month again',
    description: 'They are the same as the first ones, byte for byte, also when these are no longer kept.',
    params: MonthParams,
    headers: Type.Object({
      'idempotency-key': Type.Optional(shortText(100, 'A text that is new for every export.')),
    }),
    body: Type.Object(
      {
        dataset: MonthlyDatasetSchema,
        revision: Type.Optional(Type.Integer({ minimum: 1, description: 'Default: the last.' })),
      },
      { additionalProperties: false },
    ),
    response: { 202: ExportJobSchema },
  },
};

async function exportAgain(
  options: PeriodsOptions,
  request: RequestTo<typeof exportRoute>,
  reply: ReplyTo<typeof exportRoute>,
) {
  const { dataset, revision } = request.body;
  const revisions = await revisionsOf(options.pool, wantedMonth(request.params, dataset));
  const wanted = revision === undefined ? revisions[0] : revisions.find((each) => each.revision === revision);
  if (!wanted) throw new CodedError('not_found', `${request.params.month} has no revision ${revision}.`);
  const key = `asked ${request.headers['idempotency-key'] ?? request.id}`;
  const job = await askForFiles(options, wanted, { request: wanted.request, key, caller: callerOf(request) });
  return reply.code(202).send(jobAnswerOf(job));
}

function wantedMonth({ orgId, month }: { orgId: string; month: string }, dataset: ClosedPeriod['dataset']) {
  return { orgId, dataset, month: readMonth(month) ?? 0 };
}

/** @throws {CodedError} `not_found` */
async function revisionsOf(
  pool: PeriodsOptions['pool'],
  wanted: ReturnType<typeof wantedMonth>,
): Promise<[ClosedPeriod, ...ClosedPeriod[]]> {
  const [last, ...earlier] = await listPeriods(pool, { ...wanted, limit: MOST_PERIODS });
  if (last) return [last, ...earlier];
  throw new CodedError('not_found', `${monthText(wanted.month)} of ${wanted.dataset} is not closed.`);
}

function answerOf({
  period,
  proof,
  closedAt,
  deliveredAt,
  request: _,
  scheduleId: __,
  ...rest
}: ClosedPeriod) {
  return {
    ...rest,
    period: monthText(period.getTime()),
    final: true,
    closedAt: closedAt.toISOString(),
    deliveredAt: deliveredAt?.toISOString() ?? null,
    rows: proof.rowCount,
    corrections: proof.corrections,
    costDollars: decimalText(BigInt(proof.rows.cost), COST_SCALE),
    reconciliation: proof.month,
  };
}

function correctionAnswer({ deliveredIn, ...rest }: Correction) {
  return { ...pendingAnswer(rest), revision: rest.revision, deliveredIn: monthText(deliveredIn.getTime()) };
}

function pendingAnswer({ start, end, cost, ...rest }: PendingCorrection) {
  return {
    ...rest,
    start: start.toISOString(),
    end: end.toISOString(),
    costDollars: decimalText(BigInt(cost), COST_SCALE),
  };
}
