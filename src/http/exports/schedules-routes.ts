import { type Static, Type } from 'typebox';
import { CodedError, refuseField } from '../../errors.ts';
import { isLabelName } from '../../events/labels.ts';
import { deleteSchedule, putSchedule, type WantedSchedule } from '../../exports/periods/change-schedules.ts';
import { monthText, readMonth } from '../../exports/periods/month.ts';
import {
  type ExportSchedule,
  findSchedule,
  listSchedules,
  type ScheduleChannel,
} from '../../exports/periods/schedule.ts';
import { isRecipient, recipientForms } from '../../notifications/routing/recipient.ts';
import { duration } from '../../setting.ts';
import { shortText } from '../fields/texts.ts';
import { OrgParams } from '../figures/query-schema.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import type { ExportsOptions } from './exports-routes.ts';
import { readExportRequest } from './read-request.ts';
import { ScheduleBody, ScheduleSchema } from './schedule-schema.ts';

const PATH = '/analytics/v1/orgs/:orgId/export-schedules';
const tags = ['Exports'];
const DEFAULT_CLOSE_AFTER = '72h';
const readCloseAfter = duration('1m', '30d');

const NameParams = Type.Object({
  ...OrgParams.properties,
  name: shortText(100, 'The name of the schedule.'),
});

type SchedulesOptions = Pick<ExportsOptions, 'pool' | 'clock' | 'destinations'>;

/** Schedules of an org, which close its months. */
export function registerSchedulesRoutes(server: Server, options: SchedulesOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.get(`${PATH}/:name`, readRoute, (request) => read(options, request));
  server.put(`${PATH}/:name`, putRoute, (request, reply) => put(options, request, reply));
  server.delete(`${PATH}/:name`, deleteRoute, (request, reply) => remove(options, request, reply));
}

const listRoute = {
  config: requires('exports:read', 'param'),
  schema: {
    tags,
    summary: 'List the export schedules of the org',
    params: OrgParams,
    response: { 200: Type.Object({ items: Type.Array(ScheduleSchema) }) },
  },
};

async function list({ pool }: SchedulesOptions, { params }: RequestTo<typeof listRoute>) {
  return { items: (await listSchedules(pool, params.orgId)).map(answerOf) };
}

const readRoute = {
  config: requires('exports:read', 'param'),
  schema: { tags, summary: 'One export schedule', params: NameParams, response: { 200: ScheduleSchema } },
};

async function read({ pool }: SchedulesOptions, { params: { orgId, name } }: RequestTo<typeof readRoute>) {
  const schedule = await findSchedule(pool, orgId, name);
  if (!schedule) throw new CodedError('not_found', `The org has no export schedule ${name}.`);
  return answerOf(schedule);
}

const putRoute = {
  config: requires('exports:write', 'param'),
  schema: {
    tags,
    summary: 'Make or change an export schedule',
    description:
      'Each month is closed once, some time after its end, and exported. Its files never change afterwards. Later ' +
      'events and new prices become correction rows in the file of the next month.',
    params: NameParams,
    body: ScheduleBody,
    response: { 200: ScheduleSchema, 201: ScheduleSchema },
  },
};

async function put(
  options: SchedulesOptions,
  request: RequestTo<typeof putRoute>,
  reply: ReplyTo<typeof putRoute>,
) {
  const wanted = wantedOf(request.params, request.body, options.destinations);
  const { schedule, isNew } = await putSchedule(options, wanted, callerOf(request));
  return reply.code(isNew ? 201 : 200).send(answerOf(schedule));
}

function wantedOf(
  { orgId, name }: { orgId: string; name: string },
  body: Static<typeof ScheduleBody>,
  destinations: ExportsOptions['destinations'],
): WantedSchedule {
  const { monthly, notify = [], ...content } = body;
  if (content.columns === 'vantage' && content.dataset !== 'focus')
    throw refuseField('$.columns', 'is vantage only for focus');
  // The range of each month takes the place of this one.
  const timeRange = { start: '2000-01-01T00:00:00Z', end: '2000-02-01T00:00:00Z' };
  return {
    ...{ orgId, name, dataset: content.dataset },
    request: readExportRequest(orgId, { ...content, timeRange }, destinations),
    notify: notify.map(readChannel),
    closeAfter: closeAfterOf(monthly.closeAfter ?? DEFAULT_CLOSE_AFTER),
    from: monthly.from === undefined ? undefined : readMonth(monthly.from),
  };
}

function readChannel({ channel, to }: ScheduleChannel, index: number): ScheduleChannel {
  if (to === undefined) return { channel };
  if (isRecipient(channel, to)) return { channel, to };
  throw refuseField(`$.notify[${index}].to`, `must be ${recipientForms[channel].expected}`);
}

function closeAfterOf(text: string): number {
  try {
    return readCloseAfter(text);
  } catch (error) {
    throw refuseField('$.monthly.closeAfter', `must be ${(error as Error).message}, and not ${text}`);
  }
}

const deleteRoute = {
  config: requires('exports:write', 'param'),
  schema: {
    tags,
    summary: 'Delete an export schedule',
    description: 'Closed months and their files stay.',
    params: NameParams,
    response: { 204: Type.Null() },
  },
};

async function remove(
  options: SchedulesOptions,
  request: RequestTo<typeof deleteRoute>,
  reply: ReplyTo<typeof deleteRoute>,
) {
  await deleteSchedule(options, request.params, callerOf(request));
  return reply.code(204).send(null);
}

function answerOf(schedule: ExportSchedule) {
  const { request, closeAfter, notify, nextPeriod, dueAt, createdAt, updatedAt, ...rest } = schedule;
  const { granularity, formats, models, groupBy } = request;
  return {
    ...rest,
    ...{
      granularity,
      formats: [...formats],
      models: [...models],
      groupBy: groupBy.filter((name) => !isLabelName(name)),
    },
    notify: [...notify],
    monthly: { closeAfterSeconds: closeAfter / 1_000 },
    nextPeriod: monthText(nextPeriod),
    dueAt: new Date(dueAt).toISOString(),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
