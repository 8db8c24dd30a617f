import { allOf, eventOfAll, isOfOneRule, statementOfAll, type Told } from '../../notice/many.ts';
import type { Notice } from '../../notice/notice.ts';
import { statementOf } from '../../notice/statement.ts';
import { groupText, isAbandoned, oneLine, titleOf } from '../../notice/wording.ts';
import { type Alphabet, gsm, isGsm, ucs2 } from './alphabets.ts';

const words = {
  firing: '',
  still_firing: 'STILL ',
  escalated: 'ESCALATED ',
  escalation_step: '',
  acknowledged: 'ACK ',
  unacknowledged: '',
  resolved: 'RESOLVED ',
  test: 'TEST ',
  month_closed: '',
  month_failed: 'FAILED ',
  rule_failing: '',
  rule_evaluated: 'OK ',
} as const;

const LONGEST_ORG = 40;
const LONGEST_TITLE = 60;
const LONGEST_GROUP = 40;
const LONGEST_EVENT = 48;
const LONGEST_STATEMENT = 400;
/** The parts of a message that the title gets at least: the name of the rule and the group. */
const SHARE_OF_TITLE = 0.4;

/**
 * The text of an SMS: one segment of the GSM alphabet, or up to three of UCS-2 if a name is in another script. The
 * severity and the org come first. The name of the rule is cut first, and then the end of the statement.
 * @param link the page of the alert, which is added where there is room for all of it
 */
export function textOf(told: Told, link?: string): string {
  const text = told.others ? textOfMany(told) : withoutLink(told.notice);
  const whole = `${text} ${link}`;
  // A link that is cut leads nowhere.
  return link !== undefined && isGsm(whole) && gsm.roomOf(gsm.write(whole)) <= gsm.room ? whole : text;
}

function wordOf(notice: Notice): string {
  return isAbandoned(notice) ? 'ENDED ' : words[notice.kind];
}

function withoutLink(notice: Notice): string {
  const start = `${wordOf(notice)}${notice.severity.toUpperCase()} ${oneLine(notice.orgId ?? 'all orgs', LONGEST_ORG)}: `;
  const statement = `. ${oneLine(statementOf(notice), LONGEST_STATEMENT)}`;
  const alphabet = isGsm(`${start}${titleOf(notice)}${statement}`) ? gsm : ucs2;
  return fitted([start, statement], notice, alphabet);
}

/**
 * Several alerts in one message: how many, in which state, and the groups of as many as there is room for. The name of
 * their rule is said once, and cut first, because it tells them apart no more.
 */
function textOfMany(told: Told): string {
  const all = allOf(told);
  const { severity, orgId } = told.notice;
  const kinds = new Set(all.map(wordOf));
  const [word = ''] = kinds.size === 1 ? kinds : [];
  const start = `${word}${severity.toUpperCase()} ${oneLine(orgId ?? 'all orgs', LONGEST_ORG)}: `;
  const groups = isOfOneRule(told) ? all.map((one) => groupText(one, LONGEST_GROUP)).filter(Boolean) : [];
  const named = groups.length > 0 ? groups : all.map((one) => titleOf(one, LONGEST_TITLE));
  const head = `${eventOfAll(told, LONGEST_EVENT)}, ${statementOfAll(told)}: `;
  const { write, cut, room } = isGsm(`${start}${head}${named.join()}`) ? gsm : ucs2;
  return cut(write(`${start}${head}${named.join('; ')}`), room);
}

function fitted([start, statement]: [string, string], notice: Notice, alphabet: Alphabet): string {
  const { write, roomOf, cut, room } = alphabet;
  const [before, after] = [write(start), write(statement)];
  const left = room - roomOf(before) - roomOf(after);
  const title = titleWithin(notice, Math.max(Math.floor(room * SHARE_OF_TITLE), left), alphabet);
  return cut(`${before}${title}${after}`, room);
}

/** Characters may take more room than one, so the title is shortened until it fits. */
function titleWithin(notice: Notice, most: number, { write, roomOf, cut }: Alphabet): string {
  for (let characters = most; characters >= most / 4; characters -= 4) {
    const title = write(oneLine(titleOf(notice, characters), characters));
    if (roomOf(title) <= most) return title;
  }
  return cut(write(oneLine(titleOf(notice), most)), most);
}
