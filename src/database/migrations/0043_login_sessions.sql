-- Up Migration

-- Browsers that are signed in. A session that ends is deleted; the audit log keeps that it was there.
create table analytics.login_sessions (
  id text collate "C" primary key,
  token_hash bytea not null unique check (length(token_hash) = 32),
  actor_id text collate "C" not null,
  name text not null,
  roles text[] not null,
  orgs text[] not null,
  via text collate "C" not null check (via in ('oidc', 'jwt', 'api_key', 'login_link')),
  granted_at timestamptz,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  user_agent text,
  address text,
  sealed_id_token bytea
);
create index login_sessions_actor on analytics.login_sessions (actor_id, via);
comment on column analytics.login_sessions.token_hash is 'SHA-256 of the token in the cookie';
comment on column analytics.login_sessions.granted_at is 'When the token or claims that it was started with were issued; null: a token that does not say. A revocation up to then ends the session';
comment on column analytics.login_sessions.last_seen_at is 'To the minute';
comment on column analytics.login_sessions.sealed_id_token is 'For signing out at the provider; only the token in the cookie decrypts it';

-- Links that sign one browser in, once.
create table analytics.login_codes (
  code_hash bytea primary key check (length(code_hash) = 32),
  actor_id text collate "C" not null,
  roles text[] not null,
  orgs text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Down Migration

drop table analytics.login_codes;
drop table analytics.login_sessions;
