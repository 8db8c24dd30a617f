-- The schema after all migrations. `npm run schema` writes this file. To change it, add a migration.

create table analytics.alert_configs (
  id uuid not null default gen_random_uuid(),
  org_id text collate "C",
  name text not null,
  rule jsonb not null,
  metric text not null,
  severity text not null,
  enabled boolean not null,
  on_data boolean not null,
  interval_seconds integer not null,
  silenced_until timestamp with time zone,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  created_by text not null,
  updated_at timestamp with time zone not null,
  updated_by text not null,
  next_evaluation_at timestamp with time zone not null,
  last_evaluated_at timestamp with time zone,
  failures integer not null default 0,
  failure text,
  built_in text collate "C",
  failing_since timestamp with time zone,
  failing_told boolean not null default false,
  source_away boolean not null default false,
  constraint alert_configs_pkey PRIMARY KEY (id)
);

create table analytics.alert_history (
  id uuid not null default gen_random_uuid(),
  config_id uuid not null,
  org_id text collate "C",
  all_orgs boolean not null,
  group_key text collate "C" not null,
  name text not null,
  metric text not null,
  severity text collate "C" not null,
  rule jsonb not null,
  pending_at timestamp with time zone not null,
  triggered_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  resolved_by text,
  workflow text collate "C" not null default 'open'::text,
  acknowledged_at timestamp with time zone,
  acknowledged_by text,
  note text,
  value double precision,
  threshold double precision not null,
  window_seconds integer not null,
  samples bigint not null,
  evidence jsonb not null,
  constraint alert_history_check CHECK (((resolved_at IS NULL) = (workflow <> 'resolved'::text))),
  constraint alert_history_pkey PRIMARY KEY (id),
  constraint alert_history_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text]))),
  constraint alert_history_workflow_check CHECK ((workflow = ANY (ARRAY['open'::text, 'acknowledged'::text, 'resolved'::text])))
);

create table analytics.alert_silences (
  id uuid not null default gen_random_uuid(),
  org_id text collate "C",
  name text,
  reason text not null,
  matchers jsonb not null,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  recurrence jsonb,
  opens_at timestamp with time zone,
  closes_at timestamp with time zone,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  created_by text not null,
  updated_at timestamp with time zone not null,
  updated_by text not null,
  constraint alert_silences_check CHECK (((recurrence IS NOT NULL) OR ((starts_at IS NOT NULL) AND (ends_at IS NOT NULL)))),
  constraint alert_silences_check1 CHECK (((opens_at IS NULL) = (closes_at IS NULL))),
  constraint alert_silences_pkey PRIMARY KEY (id)
);

create table analytics.alert_states (
  config_id uuid not null,
  group_key text collate "C" not null,
  condition text collate "C" not null,
  health text collate "C" not null,
  state jsonb not null,
  alert_id uuid,
  last_value double precision,
  last_seen_at timestamp with time zone,
  evaluated_at timestamp with time zone not null,
  escalates_at timestamp with time zone,
  constraint alert_states_condition_check CHECK ((condition = ANY (ARRAY['normal'::text, 'pending'::text, 'firing'::text, 'recovering'::text]))),
  constraint alert_states_config_id_fkey FOREIGN KEY (config_id) REFERENCES analytics.alert_configs(id) ON DELETE CASCADE,
  constraint alert_states_health_check CHECK ((health = ANY (ARRAY['ok'::text, 'no_data'::text, 'error'::text]))),
  constraint alert_states_pkey PRIMARY KEY (config_id, group_key)
) with (fillfactor=70);

create table analytics.alert_transitions (
  id bigint not null generated always as identity,
  alert_id uuid not null,
  config_id uuid not null,
  at timestamp with time zone not null,
  transition text collate "C" not null,
  reason text collate "C" not null,
  notice text collate "C",
  suppressed_by text collate "C",
  value double precision,
  actor_id text,
  note text,
  event_recorded_at timestamp with time zone,
  silence text,
  constraint alert_transitions_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES analytics.alert_history(id) ON DELETE CASCADE,
  constraint alert_transitions_notice_check CHECK ((notice = ANY (ARRAY['firing'::text, 'still_firing'::text, 'escalated'::text, 'escalation_step'::text, 'acknowledged'::text, 'unacknowledged'::text, 'resolved'::text]))),
  constraint alert_transitions_pkey PRIMARY KEY (id),
  constraint alert_transitions_suppressed_by_check CHECK ((suppressed_by = ANY (ARRAY['cooldown'::text, 'silence'::text, 'catch_up'::text, 'acknowledged'::text, 'untold'::text]))),
  constraint alert_transitions_transition_check CHECK ((transition = ANY (ARRAY['firing'::text, 'told'::text, 'still_firing'::text, 'escalated'::text, 'escalation_step'::text, 'acknowledged'::text, 'unacknowledged'::text, 'resolved'::text])))
);

create table analytics.api_keys (
  id text collate "C" not null,
  secret_hash bytea not null,
  name text not null,
  role text not null,
  orgs text[] not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);

create table analytics.audit_log (
  id bigint not null generated always as identity,
  at timestamp with time zone not null,
  actor_id text not null,
  actor_via text not null,
  action text not null,
  org_id text collate "C",
  subject text,
  route text not null,
  request_id text not null,
  before jsonb,
  after jsonb,
  constraint audit_log_pkey PRIMARY KEY (id)
);

create table analytics.booked_days (
  day timestamp with time zone not null,
  up_to_batch bigint not null,
  received bigint not null,
  stored bigint not null,
  duplicates bigint not null,
  conflicts bigint not null,
  rejected bigint not null,
  constraint booked_days_pkey PRIMARY KEY (day)
);

create table analytics.closed_periods (
  org_id text collate "C" not null,
  dataset text collate "C" not null,
  period timestamp with time zone not null,
  revision integer not null,
  schedule_id uuid not null,
  request jsonb not null,
  issuer text not null,
  due_at timestamp with time zone not null,
  closed_at timestamp with time zone not null,
  closed_by text not null,
  note text,
  proof jsonb not null,
  job_id uuid,
  job_tries integer not null default 0,
  retry_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  delivered_at timestamp with time zone,
  constraint closed_periods_pkey PRIMARY KEY (org_id, dataset, period, revision)
);

create table analytics.counted_spans (
  org_id text collate "C" not null,
  trace_id uuid not null,
  with_usage boolean not null,
  above text[] not null,
  below text[] not null,
  marked_at timestamp with time zone not null
);

create table analytics.customer_orders (
  org_id text collate "C" not null,
  minute timestamp with time zone not null,
  customer uuid not null,
  orders integer not null,
  before timestamp with time zone,
  constraint customer_orders_pkey PRIMARY KEY (org_id, customer, minute)
);

create table analytics.daily_books (
  org_id text collate "C" not null,
  type text collate "C" not null,
  day timestamp with time zone not null,
  events bigint not null,
  failed bigint not null,
  unpriced bigint not null,
  value numeric not null,
  input_tokens numeric not null,
  cached_input_tokens numeric not null,
  output_tokens numeric not null,
  cost numeric not null,
  constraint daily_books_pkey PRIMARY KEY (org_id, type, day)
);

create table analytics.delivered_charges (
  org_id text collate "C" not null,
  dataset text collate "C" not null,
  period timestamp with time zone not null,
  revision integer not null,
  superseded boolean not null default false,
  bucket_start timestamp with time zone not null,
  bucket_end timestamp with time zone not null,
  type text collate "C" not null,
  model_id text collate "C",
  client_id text collate "C",
  provider text collate "C",
  pipeline text collate "C",
  corrects timestamp with time zone,
  reason text collate "C",
  events numeric not null,
  failed numeric not null,
  unpriced numeric not null,
  input_tokens numeric not null,
  cached_input_tokens numeric not null,
  output_tokens numeric not null,
  cost numeric not null,
  constraint delivered_charges_check CHECK (((corrects IS NULL) = (reason IS NULL)))
);

create table analytics.event_conflicts (
  org_id text collate "C" not null,
  event_id uuid not null,
  batch_id bigint not null,
  payload_hash bigint not null,
  type text collate "C" not null,
  occurred_at timestamp with time zone not null,
  correlation_id text collate "C" not null,
  received_at timestamp with time zone not null default now()
);

create table analytics.event_keys (
  org_id text collate "C" not null,
  event_id uuid not null,
  payload_hash bigint not null,
  batch_id bigint not null,
  constraint event_keys_pkey PRIMARY KEY (org_id, event_id)
);

create table analytics.event_keys_previous (
  org_id text collate "C" not null,
  event_id uuid not null,
  payload_hash bigint not null,
  batch_id bigint not null,
  constraint event_keys_previous_pkey PRIMARY KEY (org_id, event_id)
);

create table analytics.events (
  org_id text collate "C" not null,
  event_id uuid not null,
  type text collate "C" not null,
  occurred_at timestamp with time zone not null,
  actor_id text collate "C",
  model_id text collate "C",
  client_id text collate "C",
  method text collate "C",
  route text collate "C",
  status_code bigint,
  pipeline text collate "C",
  operation text collate "C",
  provider text collate "C",
  service text collate "C",
  severity text collate "C",
  stage text collate "C",
  channel text collate "C",
  currency text collate "C",
  order_id text collate "C",
  customer_id text collate "C",
  session_id text collate "C",
  sku text collate "C",
  collection text collate "C",
  category text collate "C",
  status text collate "C",
  error_code text collate "C",
  value bigint,
  value_bin smallint,
  input_tokens bigint,
  output_tokens bigint,
  cached_input_tokens bigint,
  quantity bigint,
  cost bigint,
  attributes jsonb,
  correlation_id text collate "C" not null,
  series_id bigint not null,
  received_at timestamp with time zone not null,
  batch_id bigint not null,
  cost_source text collate "C",
  cache_write_tokens bigint,
  reasoning_tokens bigint,
  time_to_first_token bigint,
  service_tier text collate "C",
  labels jsonb,
  cache_write_hour_tokens bigint
) partition by RANGE (occurred_at);

create table analytics.export_files (
  job_id uuid not null,
  name text collate "C" not null,
  place integer not null,
  format text collate "C" not null,
  bytes bigint not null,
  sha256 bytea not null,
  rows bigint not null,
  constraint export_files_job_id_fkey FOREIGN KEY (job_id) REFERENCES analytics.export_jobs(job_id) ON DELETE CASCADE,
  constraint export_files_pkey PRIMARY KEY (job_id, name),
  constraint export_files_sha256_check CHECK ((octet_length(sha256) = 32))
);

create table analytics.export_jobs (
  job_id uuid not null,
  org_id text collate "C" not null,
  status text collate "C" not null default 'pending'::text,
  dataset text collate "C" not null,
  request jsonb not null,
  created_at timestamp with time zone not null,
  initiated_by text not null,
  idempotency_key text collate "C",
  request_hash bytea,
  schedule_id uuid,
  period text collate "C",
  attempt integer not null default 0,
  leased_by uuid,
  leased_until timestamp with time zone,
  not_before timestamp with time zone not null,
  cancel_requested boolean not null default false,
  progress_rows bigint not null default 0,
  progress_bytes bigint not null default 0,
  completed_at timestamp with time zone,
  expires_at timestamp with time zone,
  held_by text,
  output_uri text,
  checksum bytea,
  error jsonb,
  outcome jsonb,
  constraint export_jobs_check CHECK (((status = 'running'::text) = ((leased_by IS NOT NULL) AND (leased_until IS NOT NULL)))),
  constraint export_jobs_pkey PRIMARY KEY (job_id),
  constraint export_jobs_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'expired'::text, 'cancelled'::text])))
);

create table analytics.export_schedules (
  schedule_id uuid not null default gen_random_uuid(),
  org_id text collate "C" not null,
  name text collate "C" not null,
  dataset text collate "C" not null,
  request jsonb not null,
  close_after_seconds bigint not null,
  next_period timestamp with time zone not null,
  due_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  updated_at timestamp with time zone not null,
  updated_by text not null,
  failures integer not null default 0,
  failure text,
  retry_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  notify jsonb not null default '[]'::jsonb,
  constraint export_schedules_org_id_dataset_key UNIQUE (org_id, dataset),
  constraint export_schedules_org_id_name_key UNIQUE (org_id, name),
  constraint export_schedules_pkey PRIMARY KEY (schedule_id)
);

create table analytics.folds (
  fold_id bigint not null generated by default as identity,
  grain text collate "C" not null,
  rows integer,
  bucket_from timestamp with time zone,
  bucket_to timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  consumed_at timestamp with time zone,
  compacted boolean not null default false,
  retry_at timestamp with time zone,
  constraint folds_pkey PRIMARY KEY (fold_id)
);

create table analytics.freshness_status (
  org_id text collate "C" not null,
  type text collate "C" not null,
  model_id text collate "C" not null,
  last_event_at timestamp with time zone not null,
  last_rollup_at timestamp with time zone not null,
  constraint freshness_status_pkey PRIMARY KEY (org_id, type, model_id)
) with (fillfactor=70);

create table analytics.in_app_notifications (
  id bigint not null generated always as identity,
  alert_id uuid,
  transition_id bigint,
  notice text collate "C" not null,
  org_id text collate "C",
  recipient text collate "C" not null,
  severity text collate "C" not null,
  payload jsonb not null,
  created_at timestamp with time zone not null,
  constraint in_app_notifications_pkey PRIMARY KEY (id)
);

create table analytics.in_app_reads (
  user_id text collate "C" not null,
  notification_id bigint not null,
  read_at timestamp with time zone not null,
  constraint in_app_reads_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES analytics.in_app_notifications(id) ON DELETE CASCADE,
  constraint in_app_reads_pkey PRIMARY KEY (user_id, notification_id)
);

create table analytics.ingestion_batches (
  batch_id bigint not null,
  source text not null,
  stream_offset bigint,
  org_ids text[] not null,
  types text[] not null,
  received integer not null,
  stored integer not null,
  duplicates integer not null,
  conflicts integer not null,
  rejected integer not null,
  late boolean not null,
  occurred_from timestamp with time zone,
  occurred_to timestamp with time zone,
  started_at timestamp with time zone not null,
  completed_at timestamp with time zone not null,
  rolled_up_at timestamp with time zone,
  stream text collate "C",
  rows integer,
  retry_at timestamp with time zone,
  constraint ingestion_batches_check CHECK ((received = (((stored + duplicates) + conflicts) + rejected))),
  constraint ingestion_batches_check1 CHECK (((stream IS NULL) = (stream_offset IS NULL))),
  constraint ingestion_batches_pkey PRIMARY KEY (batch_id)
);

create table analytics.installation (
  id uuid not null default gen_random_uuid(),
  only_row boolean not null default true,
  constraint installation_only_row_check CHECK (only_row),
  constraint installation_pkey PRIMARY KEY (only_row)
);

create table analytics.key_generations (
  started_at timestamp with time zone not null default now(),
  constraint key_generations_pkey PRIMARY KEY (started_at)
);

create table analytics.label_dimensions (
  org_id text collate "C" not null,
  key text collate "C" not null,
  declared_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint label_dimensions_pkey PRIMARY KEY (org_id, key)
);

create table analytics.login_codes (
  code_hash bytea not null,
  actor_id text collate "C" not null,
  roles text[] not null,
  orgs text[] not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint login_codes_code_hash_check CHECK ((length(code_hash) = 32)),
  constraint login_codes_pkey PRIMARY KEY (code_hash)
);

create table analytics.login_sessions (
  id text collate "C" not null,
  token_hash bytea not null,
  actor_id text collate "C" not null,
  name text not null,
  roles text[] not null,
  orgs text[] not null,
  via text collate "C" not null,
  granted_at timestamp with time zone,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  user_agent text,
  address text,
  sealed_id_token bytea,
  constraint login_sessions_pkey PRIMARY KEY (id),
  constraint login_sessions_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint login_sessions_token_hash_key UNIQUE (token_hash),
  constraint login_sessions_via_check CHECK ((via = ANY (ARRAY['oidc'::text, 'jwt'::text, 'api_key'::text, 'login_link'::text])))
);

create table analytics.migrations (
  id integer not null generated always as identity,
  name text not null,
  run_on timestamp with time zone not null,
  constraint migrations_name_key UNIQUE (name),
  constraint migrations_pkey PRIMARY KEY (id)
);

create table analytics.model_aliases (
  alias_id bigint not null generated always as identity,
  provider text collate "C" not null,
  model text collate "C",
  as_provider text collate "C" not null,
  as_model text collate "C",
  changed_at timestamp with time zone not null,
  changed_by text not null,
  constraint model_aliases_check CHECK (((as_model IS NULL) OR (model IS NOT NULL))),
  constraint model_aliases_pkey PRIMARY KEY (alias_id),
  constraint model_aliases_provider_model_key UNIQUE NULLS NOT DISTINCT (provider, model)
);

create table analytics.model_prices (
  price_id bigint not null generated always as identity,
  provider text collate "C" not null,
  model text collate "C" not null,
  service_tier text collate "C",
  effective_from timestamp with time zone not null,
  effective_to timestamp with time zone,
  rates jsonb not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  constraint model_prices_check CHECK ((effective_to > effective_from)),
  constraint model_prices_pkey PRIMARY KEY (price_id),
  constraint model_prices_provider_model_service_tier_effective_from_key UNIQUE NULLS NOT DISTINCT (provider, model, service_tier, effective_from)
);

create table analytics.notification_outbox (
  id bigint not null generated always as identity,
  alert_id uuid,
  transition_id bigint,
  notice text collate "C" not null,
  org_id text collate "C",
  channel text collate "C" not null,
  recipient text not null,
  severity text collate "C" not null,
  payload jsonb not null,
  status text collate "C" not null default 'waiting'::text,
  detected_at timestamp with time zone not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  not_before timestamp with time zone not null,
  attempts integer not null default 0,
  leased_by text,
  leased_until timestamp with time zone,
  sent_at timestamp with time zone,
  ambiguous boolean not null default false,
  provider_id text,
  failure text,
  stands_in_for bigint,
  died_at timestamp with time zone,
  other_way_at timestamp with time zone,
  cancelled_for text collate "C",
  told_with bigint,
  alone boolean not null default false,
  constraint notification_outbox_cancelled_for_check CHECK ((cancelled_for = ANY (ARRAY['acknowledged'::text, 'gone'::text, 'nobody'::text, 'over'::text, 'overtaken'::text, 'own'::text, 'untold'::text]))),
  constraint notification_outbox_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'slack'::text, 'in_app'::text, 'sms'::text, 'webhook'::text, 'pagerduty'::text, 'teams'::text, 'discord'::text]))),
  constraint notification_outbox_notice_check CHECK ((notice = ANY (ARRAY['firing'::text, 'still_firing'::text, 'escalated'::text, 'escalation_step'::text, 'acknowledged'::text, 'unacknowledged'::text, 'resolved'::text, 'test'::text, 'month_closed'::text, 'month_failed'::text, 'rule_failing'::text, 'rule_evaluated'::text]))),
  constraint notification_outbox_pkey PRIMARY KEY (id),
  constraint notification_outbox_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text]))),
  constraint notification_outbox_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'leased'::text, 'sent'::text, 'dead'::text, 'cancelled'::text, 'expanded'::text])))
);

create table analytics.notification_pace (
  channel text not null,
  org_id text collate "C" not null,
  recipient text collate "C" not null,
  opens_at timestamp with time zone not null,
  next_at timestamp with time zone not null,
  spacing_ms integer not null default 0,
  accepted integer not null default 0,
  refused_at timestamp with time zone not null,
  constraint notification_pace_pkey PRIMARY KEY (channel, org_id, recipient),
  constraint notification_pace_spacing_ms_check CHECK ((spacing_ms >= 0))
);

create table analytics.notification_preferences (
  kind text collate "C" not null,
  id text collate "C" not null,
  email text,
  phone text,
  slack text,
  webhook text,
  channels jsonb not null,
  quiet_hours jsonb,
  version integer not null default 1,
  updated_at timestamp with time zone not null,
  updated_by text not null,
  org_id text collate "C" not null,
  pagerduty text,
  teams text,
  discord text,
  timezone text,
  constraint notification_preferences_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'team'::text]))),
  constraint notification_preferences_pkey PRIMARY KEY (org_id, kind, id)
);

create table analytics.orders (
  org_id text collate "C" not null,
  order_id text collate "C" not null,
  currency text collate "C" not null,
  at timestamp with time zone[] not null,
  amounts bigint[] not null,
  was_entries integer not null default 0,
  changed_at timestamp with time zone not null,
  constraint orders_pkey PRIMARY KEY (org_id, order_id, currency)
) with (fillfactor=80);

create table analytics.org_deletions (
  org_id text collate "C" not null,
  requested_at timestamp with time zone not null,
  requested_by text not null,
  finished_at timestamp with time zone,
  allowed_at timestamp with time zone,
  removed jsonb not null default '{}'::jsonb,
  constraint org_deletions_pkey PRIMARY KEY (org_id)
);

create table analytics.org_retention (
  org_id text collate "C" not null,
  raw_days integer,
  removed_before timestamp with time zone,
  searched_batch bigint not null default 0,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  constraint org_retention_pkey PRIMARY KEY (org_id),
  constraint org_retention_raw_days_check CHECK ((raw_days >= 1))
);

create table analytics.org_settings (
  org_id text not null,
  timezone text,
  updated_at timestamp with time zone not null,
  updated_by text not null,
  constraint org_settings_pkey PRIMARY KEY (org_id)
);

create table analytics.prices (
  price_id bigint not null generated always as identity,
  provider text collate "C" not null,
  pipeline text collate "C",
  operation text collate "C",
  effective_from timestamp with time zone not null,
  effective_to timestamp with time zone,
  cents_per_job numeric(15,6),
  cents_per_second numeric(15,6),
  cents_per_million_input_tokens numeric(15,6),
  cents_per_million_output_tokens numeric(15,6),
  changed_at timestamp with time zone not null,
  changed_by text not null,
  constraint prices_check CHECK (((operation IS NULL) OR (pipeline IS NOT NULL))),
  constraint prices_check1 CHECK ((effective_to > effective_from)),
  constraint prices_check2 CHECK ((COALESCE(cents_per_job, cents_per_second, cents_per_million_input_tokens, cents_per_million_output_tokens) IS NOT NULL)),
  constraint prices_pkey PRIMARY KEY (price_id),
  constraint prices_provider_pipeline_operation_effective_from_key UNIQUE NULLS NOT DISTINCT (provider, pipeline, operation, effective_from)
);

create table analytics.products (
  org_id text collate "C" not null,
  sku text collate "C" not null,
  name text collate "C",
  collection text collate "C",
  category text collate "C",
  named_at timestamp with time zone,
  stock bigint,
  stock_at timestamp with time zone,
  seen_at timestamp with time zone generated always as (GREATEST(named_at, stock_at)) stored,
  constraint products_pkey PRIMARY KEY (org_id, sku)
) with (fillfactor=70);

create table analytics.quota_days (
  org_id text collate "C" not null,
  quota text collate "C" not null,
  day date not null,
  used bigint not null,
  constraint quota_days_pkey PRIMARY KEY (day, org_id, quota)
);

create table analytics.quota_use (
  quota text collate "C" not null,
  org_id text collate "C" not null,
  used bigint not null,
  share double precision not null,
  constraint quota_use_pkey PRIMARY KEY (quota, org_id)
);

create table analytics.recent_ingestion (
  org_id text collate "C" not null,
  entry_id bigint not null generated always as identity,
  noted_at timestamp with time zone not null,
  entry jsonb not null,
  constraint recent_ingestion_pkey PRIMARY KEY (org_id, entry_id)
);

create table analytics.reconciliations (
  reconciliation_id bigint not null generated always as identity,
  ended_at timestamp with time zone not null,
  seconds double precision not null,
  started_by text not null,
  range_from timestamp with time zone not null,
  range_to timestamp with time zone not null,
  rows_compared bigint not null,
  booked_days integer not null,
  drifts jsonb not null,
  constraint reconciliations_pkey PRIMARY KEY (reconciliation_id),
  constraint reconciliations_started_by_check CHECK ((started_by = ANY (ARRAY['schedule'::text, 'command'::text])))
);

create table analytics.removals (
  what text not null,
  removed_before timestamp with time zone not null,
  constraint removals_pkey PRIMARY KEY (what)
);

create table analytics.rollups (
  grain text collate "C" not null,
  org_id text collate "C" not null,
  type text collate "C" not null,
  series_id bigint not null,
  bucket_start timestamp with time zone not null,
  fold_id bigint not null,
  count bigint not null,
  value_sum bigint,
  value_min bigint,
  value_max bigint,
  sketch bytea,
  input_tokens bigint,
  output_tokens bigint,
  cached_input_tokens bigint,
  quantity bigint,
  cost bigint,
  last bigint[],
  last_event_at timestamp with time zone not null,
  cache_write_tokens bigint,
  reasoning_tokens bigint,
  ttft_sum bigint,
  ttft_count bigint,
  without_usage bigint,
  without_value bigint,
  cache_write_hour_tokens bigint
) partition by LIST (grain);

create table analytics.rollups_day partition of analytics.rollups FOR VALUES IN ('day') with (autovacuum_vacuum_insert_scale_factor=0.01);

create table analytics.rollups_hour partition of analytics.rollups FOR VALUES IN ('hour') with (autovacuum_vacuum_insert_scale_factor=0.01);

create table analytics.rollups_minute partition of analytics.rollups FOR VALUES IN ('minute');

create table analytics.rollups_quarter_hour partition of analytics.rollups FOR VALUES IN ('quarter_hour') with (autovacuum_vacuum_insert_scale_factor=0.01);

create table analytics.rollups_week partition of analytics.rollups FOR VALUES IN ('week') with (autovacuum_vacuum_insert_scale_factor=0.01);

create table analytics.series (
  org_id text collate "C" not null,
  series_id bigint not null generated by default as identity,
  type text collate "C" not null,
  series_key text collate "C" not null,
  model_id text collate "C",
  client_id text collate "C",
  method text collate "C",
  route text collate "C",
  status_code bigint,
  pipeline text collate "C",
  operation text collate "C",
  provider text collate "C",
  service text collate "C",
  severity text collate "C",
  stage text collate "C",
  channel text collate "C",
  currency text collate "C",
  sku text collate "C",
  collection text collate "C",
  category text collate "C",
  status text collate "C",
  error_code text collate "C",
  platform_series_id bigint,
  cost_source text collate "C",
  service_tier text collate "C",
  labels jsonb,
  constraint series_pkey PRIMARY KEY (org_id, series_id),
  constraint series_platform CHECK (((org_id = '*'::text) = (platform_series_id IS NULL)))
);

create table analytics.sessions (
  org_id text collate "C" not null,
  session_id text collate "C" not null,
  started_at timestamp with time zone not null,
  furthest smallint not null,
  was_started_at timestamp with time zone,
  was_furthest smallint,
  changed_at timestamp with time zone not null,
  constraint sessions_pkey PRIMARY KEY (org_id, session_id)
) with (fillfactor=80);

create table analytics.signing_keys (
  purpose text collate "C" not null,
  key bytea not null,
  constraint signing_keys_key_check CHECK ((octet_length(key) = 32)),
  constraint signing_keys_pkey PRIMARY KEY (purpose)
);

create table analytics.streams (
  stream text collate "C" not null,
  stored_offset bigint not null,
  reader text not null,
  reader_until timestamp with time zone not null,
  constraint streams_pkey PRIMARY KEY (stream)
);

create table analytics.token_revocations (
  kind text collate "C" not null,
  name text collate "C" not null,
  issued_up_to timestamp with time zone not null,
  revoked_by text collate "C" not null,
  constraint token_revocations_kind_check CHECK ((kind = ANY (ARRAY['subject'::text, 'org'::text]))),
  constraint token_revocations_pkey PRIMARY KEY (kind, name)
);

create table analytics.webhook_endpoints (
  org_id text collate "C" not null,
  name text collate "C" not null,
  url text not null,
  secret text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  kind text collate "C" not null default 'webhook'::text,
  constraint webhook_endpoints_kind_check CHECK ((kind = ANY (ARRAY['webhook'::text, 'pagerduty'::text, 'teams'::text, 'discord'::text]))),
  constraint webhook_endpoints_pkey PRIMARY KEY (org_id, name)
);

CREATE INDEX alert_configs_due ON analytics.alert_configs USING btree (next_evaluation_at) WHERE enabled;

CREATE INDEX alert_configs_due_by_owner ON analytics.alert_configs USING btree (COALESCE(org_id, '*'::text), next_evaluation_at) WHERE enabled;

CREATE INDEX alert_configs_source_away ON analytics.alert_configs USING btree (next_evaluation_at) WHERE source_away;

CREATE INDEX alert_history_config ON analytics.alert_history USING btree (config_id, group_key, triggered_at DESC);

CREATE INDEX alert_history_open ON analytics.alert_history USING btree (triggered_at DESC, id DESC) WHERE (resolved_at IS NULL);

CREATE INDEX alert_history_org ON analytics.alert_history USING btree (org_id, triggered_at DESC, id DESC);

CREATE INDEX alert_history_time ON analytics.alert_history USING btree (triggered_at DESC, id DESC);

CREATE INDEX alert_silences_closing ON analytics.alert_silences USING btree (closes_at) WHERE (closes_at IS NOT NULL);

CREATE INDEX alert_silences_org ON analytics.alert_silences USING btree (COALESCE(org_id, '*'::text), closes_at);

CREATE INDEX alert_states_escalates_at ON analytics.alert_states USING btree (escalates_at) WHERE (escalates_at IS NOT NULL);

CREATE INDEX alert_transitions_alert ON analytics.alert_transitions USING btree (alert_id, id);

CREATE INDEX alert_transitions_unrecorded ON analytics.alert_transitions USING btree (id) WHERE (event_recorded_at IS NULL);

CREATE INDEX audit_log_org ON analytics.audit_log USING btree (org_id, at);

CREATE INDEX closed_periods_undelivered ON analytics.closed_periods USING btree (closed_at) WHERE (delivered_at IS NULL);

CREATE INDEX counted_spans_time ON analytics.counted_spans USING brin (marked_at) WITH (pages_per_range='16');

CREATE INDEX counted_spans_trace ON analytics.counted_spans USING btree (org_id, trace_id);

CREATE INDEX customer_orders_minute ON analytics.customer_orders USING btree (minute) INCLUDE (before, orders);

CREATE INDEX customer_orders_org ON analytics.customer_orders USING btree (org_id, minute) INCLUDE (before, orders);

CREATE INDEX daily_books_day ON analytics.daily_books USING btree (day);

CREATE INDEX delivered_charges_bucket ON analytics.delivered_charges USING btree (org_id, dataset, bucket_start) WHERE (NOT superseded);

CREATE INDEX delivered_charges_period ON analytics.delivered_charges USING btree (org_id, dataset, period, revision);

CREATE INDEX event_conflicts_id ON analytics.event_conflicts USING btree (org_id, event_id);

CREATE INDEX event_conflicts_org ON analytics.event_conflicts USING btree (org_id, received_at DESC);

CREATE INDEX events_batch_id ON ONLY analytics.events USING btree (batch_id);

CREATE INDEX events_occurred_at ON ONLY analytics.events USING brin (occurred_at timestamptz_minmax_multi_ops) WITH (pages_per_range='64');

CREATE INDEX export_jobs_expiry ON analytics.export_jobs USING btree (expires_at) WHERE (status = 'succeeded'::text);

CREATE INDEX export_jobs_open ON analytics.export_jobs USING btree (org_id, created_at) WHERE (status = ANY (ARRAY['pending'::text, 'running'::text]));

CREATE INDEX export_jobs_org ON analytics.export_jobs USING btree (org_id, created_at DESC, job_id DESC);

CREATE INDEX export_schedules_due ON analytics.export_schedules USING btree (due_at);

CREATE INDEX folds_uncompacted ON analytics.folds USING btree (grain, fold_id) WHERE ((consumed_at IS NOT NULL) AND (NOT compacted));

CREATE INDEX folds_waiting ON analytics.folds USING btree (grain, fold_id) WHERE (consumed_at IS NULL);

CREATE INDEX in_app_notifications_org ON analytics.in_app_notifications USING btree (org_id, id DESC);

CREATE INDEX ingestion_batches_behind ON analytics.ingestion_batches USING btree (completed_at) WHERE ((completed_at - occurred_from) > '00:01:00'::interval);

CREATE INDEX ingestion_batches_completed ON analytics.ingestion_batches USING btree (completed_at);

CREATE INDEX ingestion_batches_waiting ON analytics.ingestion_batches USING btree (completed_at) WHERE (rolled_up_at IS NULL);

CREATE INDEX login_sessions_actor ON analytics.login_sessions USING btree (actor_id, via);

CREATE INDEX notification_outbox_alert ON analytics.notification_outbox USING btree (alert_id);

CREATE INDEX notification_outbox_critical_sms ON analytics.notification_outbox USING btree (detected_at) WHERE ((channel = 'sms'::text) AND (severity = 'critical'::text) AND (other_way_at IS NULL) AND (status = ANY (ARRAY['waiting'::text, 'leased'::text])));

CREATE INDEX notification_outbox_dead ON analytics.notification_outbox USING btree (id) WHERE (status = 'dead'::text);

CREATE INDEX notification_outbox_recipient ON analytics.notification_outbox USING btree (alert_id, channel, recipient, id);

CREATE INDEX notification_outbox_sent_to ON analytics.notification_outbox USING btree (channel, recipient, COALESCE(org_id, '*'::text), sent_at) WHERE (status = 'sent'::text);

CREATE INDEX notification_outbox_told_with ON analytics.notification_outbox USING btree (told_with) WHERE (told_with <> id);

CREATE INDEX notification_outbox_waiting ON analytics.notification_outbox USING btree (not_before) WHERE (status = ANY (ARRAY['waiting'::text, 'leased'::text]));

CREATE INDEX orders_changed ON analytics.orders USING btree (changed_at);

CREATE INDEX rollups_day_bucket ON analytics.rollups_day USING btree (org_id, type, bucket_start) INCLUDE (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost, cache_write_tokens, reasoning_tokens, ttft_sum, ttft_count, without_usage);

CREATE INDEX rollups_fold ON ONLY analytics.rollups USING btree (fold_id, org_id, type);

CREATE INDEX rollups_hour_bucket ON analytics.rollups_hour USING btree (org_id, type, bucket_start) INCLUDE (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost, cache_write_tokens, reasoning_tokens, ttft_sum, ttft_count, without_usage);

CREATE INDEX rollups_minute_bucket ON analytics.rollups_minute USING btree (org_id, type, bucket_start);

CREATE INDEX rollups_quarter_hour_bucket ON analytics.rollups_quarter_hour USING btree (org_id, type, bucket_start) INCLUDE (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost, cache_write_tokens, reasoning_tokens, ttft_sum, ttft_count, without_usage);

CREATE INDEX rollups_week_bucket ON analytics.rollups_week USING btree (org_id, type, bucket_start) INCLUDE (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost, cache_write_tokens, reasoning_tokens, ttft_sum, ttft_count, without_usage);

CREATE INDEX sessions_changed ON analytics.sessions USING btree (changed_at);

CREATE INDEX sessions_started ON analytics.sessions USING btree (started_at);

CREATE UNIQUE INDEX alert_configs_built_in ON analytics.alert_configs USING btree (built_in) WHERE (built_in IS NOT NULL);

CREATE UNIQUE INDEX alert_configs_name ON analytics.alert_configs USING btree (org_id, name) WHERE (org_id IS NOT NULL);

CREATE UNIQUE INDEX alert_configs_name_of_all ON analytics.alert_configs USING btree (name) WHERE (org_id IS NULL);

CREATE UNIQUE INDEX alert_silences_name ON analytics.alert_silences USING btree (COALESCE(org_id, '*'::text), name) WHERE (name IS NOT NULL);

CREATE UNIQUE INDEX export_jobs_idempotency ON analytics.export_jobs USING btree (org_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE UNIQUE INDEX in_app_notifications_once ON analytics.in_app_notifications USING btree (transition_id, recipient) WHERE (transition_id IS NOT NULL);

CREATE UNIQUE INDEX notification_outbox_once ON analytics.notification_outbox USING btree (transition_id, channel, recipient) WHERE (transition_id IS NOT NULL);

CREATE UNIQUE INDEX series_key ON analytics.series USING btree (org_id, type, series_key);

create sequence analytics.batch_ids increment 1 minvalue 1 maxvalue 9223372036854775807 start 1 cache 1;

CREATE OR REPLACE FUNCTION analytics.org_freshness(org text)
 RETURNS TABLE(model_id text, last_event_at timestamp with time zone, last_rollup_at timestamp with time zone, lag_seconds double precision)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  folds constant bigint[] := analytics.waiting_folds('quarter_hour');
  waiting_since timestamptz;
  folded_at timestamptz;
begin
  select max(f.created_at) into folded_at from analytics.folds f where f.grain = 'minute' and f.consumed_at is null;
  select min(b.completed_at) into waiting_since from analytics.ingestion_batches b
  where b.rolled_up_at is null and (org = '*' or org = any(b.org_ids));
  return query
    with seen as (
      select f.model_id, f.last_event_at, f.last_rollup_at
      from analytics.freshness_status f where f.org_id = org and f.type = 'usage'
      union all
      select s.model_id, r.last_event_at, folded_at
      from analytics.rollups_minute r join analytics.series s on s.org_id = org and s.series_id = r.series_id
      where r.org_id = org and r.type = 'usage' and r.fold_id = any(folds)
    )
    select s.model_id, max(s.last_event_at), max(s.last_rollup_at),
      greatest(0, coalesce(extract(epoch from statement_timestamp() - waiting_since), 0))::float8
    from seen s group by 1 order by 1;
end
$function$;

CREATE OR REPLACE FUNCTION analytics.refuse_audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the audit log is append-only';
end
$function$;

CREATE OR REPLACE FUNCTION analytics.reliability_series(org text, range_start timestamp with time zone, range_end timestamp with time zone, step interval, models text[] DEFAULT NULL::text[], by_model boolean DEFAULT true)
 RETURNS TABLE(bucket timestamp with time zone, model_id text, requests double precision, errors double precision, timeouts double precision, throttled double precision, error_rate double precision, p50_ms double precision, p95_ms double precision, p99_ms double precision)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  most_rows constant integer := 200000;
  frame record;
  found_rows bigint;
begin
  select * into frame from analytics.series_frame(range_start, range_end, step);
  return query execute format(
    $q$with rows as (%s),
    placed as materialized (
      select date_bin($5, r.bucket_start, timestamptz '1970-01-04T00:00:00Z') as bucket,
        case when $8 then s.model_id end as model_id, s.status, r.count, r.value_min, r.value_max, r.sketch
      from rows r join analytics.series s on s.org_id = $1 and s.series_id = r.series_id
      where $6::text[] is null or s.model_id = any($6)
    ),
    numbers as (
      select bucket, model_id, sum(count)::float8 as requests,
        coalesce(sum(count) filter (where status = 'error'), 0)::float8 as errors,
        coalesce(sum(count) filter (where status = 'timeout'), 0)::float8 as timeouts,
        coalesce(sum(count) filter (where status = 'throttled'), 0)::float8 as throttled,
        min(value_min) as lowest, max(value_max) as highest
      from placed group by 1, 2
    ),
    -- All entries at once: a function called for each of 2,000 points took twenty times as long. Whatever is read byte by
    -- byte is decompressed once, before.
    entries as (
      select p.bucket, p.model_id,
        (((get_byte(f.bytes, a.at) << 8) | get_byte(f.bytes, a.at + 1)) # 32768) - 32768 as bin,
        sum((get_byte(f.bytes, a.at + 2) << 24) | (get_byte(f.bytes, a.at + 3) << 16)
          | (get_byte(f.bytes, a.at + 4) << 8) | get_byte(f.bytes, a.at + 5))::float8 as n
      from (select bucket, model_id, sketch from placed where sketch is not null) as p
      cross join lateral (select p.sketch || ''::bytea as bytes offset 0) as f
      cross join lateral generate_series(0, length(f.bytes) - 1, 6) as a (at)
      group by 1, 2, 3
    ),
    ranked as (
      select e.bucket, e.model_id, e.bin,
        sum(e.n) over (partition by e.bucket, e.model_id order by e.bin) as seen,
        sum(e.n) over (partition by e.bucket, e.model_id) as total
      from entries e
    ),
    bins as (
      select r.bucket, r.model_id, max(r.total) as total,
        min(r.bin) filter (where r.seen >= ceil(0.5 * r.total - 1e-9)) as p50,
        min(r.bin) filter (where r.seen >= ceil(0.95 * r.total - 1e-9)) as p95,
        min(r.bin) filter (where r.seen >= ceil(0.99 * r.total - 1e-9)) as p99
      from ranked r group by 1, 2
    )
    select b.bucket, m.model_id, coalesce(n.requests, 0), coalesce(n.errors, 0), coalesce(n.timeouts, 0),
      coalesce(n.throttled, 0), coalesce((n.errors + n.timeouts + n.throttled) / nullif(n.requests, 0), 0),
      analytics.sketch_value(q.p50, 0.5, q.total, n.lowest, n.highest) / 1000,
      analytics.sketch_value(q.p95, 0.95, q.total, n.lowest, n.highest) / 1000,
      analytics.sketch_value(q.p99, 0.99, q.total, n.lowest, n.highest) / 1000
    from generate_series($2, $7, $5) as b (bucket) cross join (select distinct n.model_id from numbers n) as m
    left join numbers n on n.bucket = b.bucket and coalesce(n.model_id, '') = coalesce(m.model_id, '')
    left join bins q on q.bucket = b.bucket and coalesce(q.model_id, '') = coalesce(m.model_id, '')
    order by 1, 2 limit %s$q$,
    analytics.usage_rows_sql(frame.grain, 'r.count, r.value_min, r.value_max, r.sketch'), most_rows + 1)
  using org, frame.first_bucket, frame.last_bucket + frame.width, analytics.waiting_folds(frame.grain), frame.width,
    models, frame.last_bucket, by_model;
  get diagnostics found_rows = row_count;
  if found_rows > most_rows then
    raise exception 'The answer has more than % rows; take a longer step, a shorter range or fewer models.', most_rows
      using errcode = '22023';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION analytics.series_frame(range_start timestamp with time zone, range_end timestamp with time zone, step interval, OUT grain text, OUT width interval, OUT first_bucket timestamp with time zone, OUT last_bucket timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  origin constant timestamptz := '1970-01-04T00:00:00Z';
  most_buckets constant integer := 11000;
  asked constant double precision := extract(epoch from step);
  seconds double precision;
begin
  if asked is null or asked <= 0 then
    raise exception 'The step is %; it must be longer than nothing, such as 1m.', step using errcode = '22023';
  end if;
  with grains (name, seconds, kept) as (
    values ('minute', 60, interval '2 days'), ('quarter_hour', 900, interval '90 days'),
      ('hour', 3600, interval '90 days'), ('day', 86400, interval '430 days'), ('week', 604800, interval '1100 days')
  ), finest as (
    select g.seconds from grains g
    where range_start - make_interval(secs => greatest(asked, g.seconds)) >= now() - g.kept or g.name = 'week'
    order by g.seconds limit 1
  ), whole as (
    select f.seconds as finest, greatest(1, ceil(asked / f.seconds)) * f.seconds as step from finest f
  )
  select g.name, w.step into grain, seconds
  from grains g, whole w
  where g.seconds >= w.finest and w.step::bigint % g.seconds = 0
  order by g.seconds desc limit 1;
  width := make_interval(secs => seconds);
  first_bucket := date_bin(width, range_start, origin);
  last_bucket := date_bin(width, range_end - interval '1 microsecond', origin);
  if extract(epoch from last_bucket - first_bucket) / seconds >= most_buckets then
    raise exception 'The range has more than % steps of %; take a longer step or a shorter range.', most_buckets, width
      using errcode = '22023';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION analytics.sketch_value(bin integer, share double precision, total double precision, lowest bigint, highest bigint)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case
    when greatest(1, ceil(share * total - 1e-9)) = 1 then lowest
    when ceil(share * total - 1e-9) >= total then highest
    when bin = -1 then greatest(lowest, 0)
    else greatest(lowest, least(highest, 2 * power(1.02::double precision, bin) / 2.02))
  end
$function$;

CREATE OR REPLACE FUNCTION analytics.usage_orgs()
 RETURNS TABLE(org_id text, last_event_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  folds constant bigint[] := analytics.waiting_folds('quarter_hour');
begin
  return query
    select seen.org_id, max(seen.last_event_at)
    from (
      select f.org_id, f.last_event_at from analytics.freshness_status f where f.type = 'usage'
      union all
      select r.org_id, r.last_event_at from analytics.rollups_minute r
      where r.type = 'usage' and r.fold_id = any(folds)
    ) as seen
    group by 1 order by 2 desc, 1 limit 1000;
end
$function$;

CREATE OR REPLACE FUNCTION analytics.usage_rows_sql(grain text, columns text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select string_agg(format(
    'select r.series_id, r.bucket_start, %s from analytics.rollups_%s r
     where r.org_id = $1 and r.type = ''usage'' and r.bucket_start >= $2 and r.bucket_start < $3%s',
    columns, g.name, case when g.name <> grain then ' and r.fold_id = any($4)' else '' end), E'\nunion all\n')
  from unnest('{minute,quarter_hour,hour,day,week}'::text[]) with ordinality as g (name, place)
  where g.place <= array_position('{minute,quarter_hour,hour,day,week}'::text[], grain)
$function$;

CREATE OR REPLACE FUNCTION analytics.usage_series(org text, range_start timestamp with time zone, range_end timestamp with time zone, step interval, models text[] DEFAULT NULL::text[])
 RETURNS TABLE(bucket timestamp with time zone, model_id text, requests double precision, failures double precision, input_tokens double precision, output_tokens double precision, cached_input_tokens double precision, cost_dollars double precision)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  most_rows constant integer := 200000;
  frame record;
  found_rows bigint;
begin
  select * into frame from analytics.series_frame(range_start, range_end, step);
  return query execute format(
    $q$with rows as (%s),
    numbers as (
      select date_bin($5, r.bucket_start, timestamptz '1970-01-04T00:00:00Z') as bucket, s.model_id,
        sum(r.count)::float8 as requests,
        coalesce(sum(r.count) filter (where s.status in ('error', 'timeout', 'throttled')), 0)::float8 as failures,
        coalesce(sum(r.input_tokens), 0)::float8 as input_tokens,
        coalesce(sum(r.output_tokens), 0)::float8 as output_tokens,
        coalesce(sum(r.cached_input_tokens), 0)::float8 as cached_input_tokens,
        (coalesce(sum(r.cost), 0) / 1e9)::float8 as cost_dollars
      from rows r join analytics.series s on s.org_id = $1 and s.series_id = r.series_id
      where $6::text[] is null or s.model_id = any($6)
      group by 1, 2
    )
    select b.bucket, m.model_id, coalesce(n.requests, 0), coalesce(n.failures, 0), coalesce(n.input_tokens, 0),
      coalesce(n.output_tokens, 0), coalesce(n.cached_input_tokens, 0), coalesce(n.cost_dollars, 0)
    from generate_series($2, $7, $5) as b (bucket) cross join (select distinct n.model_id from numbers n) as m
    left join numbers n using (bucket, model_id)
    order by 1, 2 limit %s$q$,
    analytics.usage_rows_sql(frame.grain, 'r.count, r.input_tokens, r.output_tokens, r.cached_input_tokens, r.cost'),
    most_rows + 1)
  using org, frame.first_bucket, frame.last_bucket + frame.width, analytics.waiting_folds(frame.grain), frame.width,
    models, frame.last_bucket;
  get diagnostics found_rows = row_count;
  if found_rows > most_rows then
    raise exception 'The answer has more than % rows; take a longer step, a shorter range or fewer models.', most_rows
      using errcode = '22023';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION analytics.waiting_folds(before_grain text)
 RETURNS bigint[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return array(
    select f.fold_id from analytics.folds f
    where f.consumed_at is null and array_position('{minute,quarter_hour,hour,day,week}'::text[], f.grain)
      < array_position('{minute,quarter_hour,hour,day,week}'::text[], before_grain));
end
$function$;

create aggregate analytics.concat (bytea) (sfunc = byteacat, stype = bytea);

CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON analytics.audit_log FOR EACH STATEMENT EXECUTE FUNCTION analytics.refuse_audit_change();

comment on column analytics.alert_configs.failing_since is 'The first failure of those in a row; null: the last evaluation succeeded';

comment on column analytics.alert_configs.failing_told is 'Whether its recipients were told that it cannot be evaluated, and not yet that it can';

comment on column analytics.alert_configs.next_evaluation_at is 'Due from then on. Evaluators claim due rows for update skip locked';

comment on column analytics.alert_configs.source_away is 'Whether the last evaluation failed because Prometheus did not answer anything';

comment on column analytics.alert_history.evidence is 'What the decision was made on: reason, baseline, previous value, window';

comment on column analytics.alert_states.escalates_at is 'When the next step of the escalation is due, or is to be looked at again';

comment on column analytics.alert_transitions.silence is 'The silence that kept people from being told: its name, or its reason';

comment on column analytics.alert_transitions.transition is 'told: people are told late of what fired while it was suppressed';

comment on column analytics.booked_days.received is 'Of batches that were completed on this day, whatever the time of their events';

comment on column analytics.booked_days.up_to_batch is 'The books have the events of this batch and all before; events of later batches are added';

comment on column analytics.counted_spans.above is 'Spans of other requests that a counted call is within';

comment on column analytics.counted_spans.below is 'Counted calls, and spans within them that are no calls';

comment on column analytics.counted_spans.with_usage is 'Whether the calls have tokens or a cost';

comment on column analytics.customer_orders.before is 'The last minute before, in which the customer ordered; the minute itself for orders that name none';

comment on column analytics.customer_orders.customer is 'Hash of org and customer; of zeros for orders that name none';

comment on column analytics.customer_orders.orders is 'Completed orders';

comment on column analytics.daily_books.cost is 'Nano-dollars';

comment on column analytics.daily_books.failed is 'Events whose status is a failure of their type';

comment on column analytics.daily_books.unpriced is 'Events of a type with costs that have none';

comment on column analytics.delivered_charges.cost is 'Nano-dollars';

comment on column analytics.delivered_charges.reason is 'late_events or repricing, of a row that corrects';

comment on column analytics.events.cache_write_hour_tokens is 'Of cache_write_tokens, those that the cache keeps for an hour';

comment on column analytics.events.cost is 'Nano-dollars';

comment on column analytics.events.cost_source is 'Where the cost of a model call or an ML job is from: given, table or none';

comment on column analytics.events.labels is 'All labels that were sent, by key';

comment on column analytics.events.time_to_first_token is 'Microseconds';

comment on column analytics.events.value is 'Microseconds of a duration, or ten-thousandths of a cent of an amount';

comment on column analytics.events.value_bin is 'Sketch bin of a duration: ceil(ln(value) / ln(1.02))';

comment on column analytics.export_schedules.notify is 'Channels and recipients, as those of an alert rule';

comment on column analytics.folds.retry_at is 'Set when its rows were not all there: promotion leaves it alone until then';

comment on column analytics.folds.rows is 'Rollups that it wrote; null: unknown, and taken as complete';

comment on column analytics.in_app_notifications.org_id is 'Of the rule; null: of one over all orgs';

comment on column analytics.ingestion_batches.retry_at is 'Set when its rows were not all there: the roll-up leaves it alone until then';

comment on column analytics.ingestion_batches.rows is 'Rows of events that it stored, order lines among them; null: unknown, and taken as complete';

comment on column analytics.ingestion_batches.stream_offset is 'Offset of the last message of the batch';

comment on column analytics.label_dimensions.declared_at is 'Events that arrived before are not told apart by the label';

comment on column analytics.label_dimensions.ended_at is 'Since then it is no dimension of new events; its numbers stay';

comment on column analytics.login_sessions.granted_at is 'When the token or claims that it was started with were issued; null: a token that does not say. A revocation up to then ends the session';

comment on column analytics.login_sessions.last_seen_at is 'To the minute';

comment on column analytics.login_sessions.sealed_id_token is 'For signing out at the provider; only the token in the cookie decrypts it';

comment on column analytics.login_sessions.token_hash is 'SHA-256 of the token in the cookie';

comment on column analytics.notification_outbox.alone is 'Told by itself, because a delivery with others was refused for good';

comment on column analytics.notification_outbox.org_id is 'Of the rule; null: of one over all orgs';

comment on column analytics.notification_outbox.recipient is 'default is expanded by the sender, by preferences and routing';

comment on column analytics.notification_outbox.told_with is 'The first message of the delivery that told this one, alone or with others';

comment on column analytics.notification_pace.accepted is 'Notices that it took since opens_at';

comment on column analytics.notification_pace.next_at is 'Before this time nothing is sent to it';

comment on column analytics.notification_pace.opens_at is 'When the pause ends that its last refusal asked for';

comment on column analytics.notification_pace.spacing_ms is 'Milliseconds from one notice to the next; 0: not known yet';

comment on column analytics.orders.amounts is 'Beside each time: what was paid, or below 0 what was given back, in ten-thousandths of the minor unit';

comment on column analytics.orders.at is 'When the order was paid or given back, one entry for each event, in the order of arrival';

comment on column analytics.orders.changed_at is 'To the day, so that most changes leave the index as it is';

comment on column analytics.orders.was_entries is 'The number of entries before the last change, which takes their excess back from the rollups';

comment on column analytics.org_deletions.allowed_at is 'Since then the org may send events again';

comment on column analytics.org_deletions.removed is 'Rows that were deleted, by table';

comment on column analytics.org_retention.raw_days is 'Days after which raw events of the org are removed; null: as those of all orgs';

comment on column analytics.org_retention.removed_before is 'A UTC midnight. Raw events of the org before it were removed, or are removed once they are booked';

comment on column analytics.org_retention.searched_batch is 'No raw event of this batch or one before it is left of the time before removed_before';

comment on column analytics.org_settings.timezone is 'The IANA zone of rules and recipients that name none; null: UTC';

comment on column analytics.recent_ingestion.entry is 'Batches, the last refusals, and the last records that are no calls; no content of events';

comment on column analytics.reconciliations.drifts is 'Buckets that differ by type and grain, as {type, grain, count}; they name no org';

comment on column analytics.rollups.last is 'Of a gauge: microseconds since the epoch, and the value then';

comment on column analytics.rollups.sketch is 'Six bytes an entry: a bin (int2) and how many values it holds (int4); a bin may stand in several';

comment on column analytics.rollups.ttft_sum is 'Times to the first token, in microseconds, of the ttft_count calls that tell it';

comment on column analytics.rollups.without_usage is 'Model calls whose tokens are unknown; null for none';

comment on column analytics.rollups.without_value is 'Model calls whose latency is unknown; null for none';

comment on column analytics.series.labels is 'The labels that were dimensions of the org when the series was entered';

comment on column analytics.series.platform_series_id is 'The series of the org ''*'' into which its numbers go; null for one of ''*'' itself';

comment on column analytics.series.series_key is 'SHA-256 of the dimensions, in hexadecimal';

comment on column analytics.sessions.changed_at is 'To the day, so that most changes leave the index as it is';

comment on column analytics.sessions.furthest is 'Stages reached beyond the visit: 0 none, 1 cart, 2 checkout, 3 complete';

comment on column analytics.sessions.was_furthest is 'As it was before its last change, which takes that back from the rollups';

comment on column analytics.streams.stored_offset is 'Offset of the last message stored; -1 before the first';

comment on column analytics.token_revocations.issued_up_to is 'Tokens issued up to this time are refused, and those that do not say when they were issued';

comment on table analytics.notification_pace is 'How fast a destination takes notices that has refused some; recipient *: every recipient of the channel';

comment on table analytics.org_deletions is 'Orgs that are being deleted, or were. No events are taken in for them until they are allowed again';

comment on table analytics.org_settings is 'What an org has set for itself; * is for rules over all orgs';

comment on table analytics.recent_ingestion is 'What one process took in for an org within a few seconds; the latest rows of each org';

comment on table analytics.reconciliations is 'The latest comparisons of rollups with raw events, of all orgs';
