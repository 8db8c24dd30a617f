import { Type } from 'typebox';
import type { Database } from '../../database/pool.ts';
import { labelKeyPattern } from '../../events/labels.ts';
import {
  declareLabels,
  type LabelDimension,
  listLabelDimensions,
  MOST_DECLARED,
} from '../../series/label-dimensions.ts';
import type { Clock } from '../../time.ts';
import { orNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import { OrgParams } from '../figures/query-schema.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';

const PATH = '/analytics/v1/orgs/:orgId/labels';
const tags = ['Org analytics'];

interface LabelsOptions {
  database: Database;
  clock: Clock;
}

/** The labels that are dimensions of an org. The audit log records each change. */
export function registerLabelsRoutes(server: Server, options: LabelsOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.put(PATH, putRoute, (request) => put(options, request));
}

const LabelsSchema = Type.Object({
  orgId: Type.String(),
  labels: Type.Array(
    Type.Object({
      key: Type.String(),
      declaredAt: moment('Events that arrived before are not told apart by the label.'),
      endedAt: orNull(
        moment('Since then new events are not told apart by it; its numbers stay. null: it is a dimension.'),
      ),
    }),
  ),
});

function answerOf(orgId: string, labels: readonly LabelDimension[]) {
  return {
    orgId,
    labels: labels.map(({ key, declaredAt, endedAt }) => ({
      key,
      declaredAt: declaredAt.toISOString(),
      endedAt: endedAt?.toISOString() ?? null,
    })),
  };
}

const listRoute = {
  config: requires('usage:read', 'param'),
  schema: {
    tags,
    summary: 'List the labels that numbers can be grouped and filtered by',
    params: OrgParams,
    response: { 200: LabelsSchema },
  },
};

async function list({ database }: LabelsOptions, request: RequestTo<typeof listRoute>) {
  const { orgId } = request.params;
  return answerOf(orgId, await listLabelDimensions(database, orgId));
}

const putRoute = {
  config: requires('labels:manage', 'param'),
  schema: {
    tags,
    summary: 'Declare the labels that numbers can be grouped and filtered by',
    description:
      'Replaces the list. A label counts for the events that arrive from now on; every process uses the list within 2 seconds. ' +
      'The numbers of a label that is left out stay.',
    params: OrgParams,
    body: Type.Object(
      {
        labels: Type.Array(
          Type.String({
            pattern: `^${labelKeyPattern}$`,
            'x-expected': 'a key of 1 to 60 letters, digits, _, . and -, with a letter or digit first',
          }),
          { maxItems: 100, description: `At most ${MOST_DECLARED} keys.` },
        ),
      },
      { additionalProperties: false },
    ),
    response: { 200: LabelsSchema },
  },
};

async function put(options: LabelsOptions, request: RequestTo<typeof putRoute>) {
  const { orgId } = request.params;
  const keys = request.body.labels;
  return answerOf(orgId, await declareLabels(options, { orgId, keys, caller: callerOf(request) }));
}
