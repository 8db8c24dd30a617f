/** The API, from docs/openapi.json. Generated: `npm run console-types` writes it. */

export interface paths {
  "/analytics/v1/api-keys": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              keys: {
                createdAt: string;
                createdBy: string;
                expiresAt: string | null;
                id: string;
                lastUsedAt: string | null;
                name: string;
                orgs: string[];
                revokedAt: string | null;
                role: "admin" | "org_admin" | "engineer" | "finance" | "business_viewer" | "ingest";
              }[];
            };
          };
        };
      };
    };
    post: {
      requestBody: {
        content: {
          "application/json": {
            expiresAt?: string;
            name: string;
            orgs: string[];
            role: "admin" | "org_admin" | "engineer" | "finance" | "business_viewer" | "ingest";
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": {
              createdAt: string;
              createdBy: string;
              expiresAt: string | null;
              id: string;
              key: string;
              lastUsedAt: string | null;
              name: string;
              orgs: string[];
              revokedAt: string | null;
              role: "admin" | "org_admin" | "engineer" | "finance" | "business_viewer" | "ingest";
            };
          };
        };
      };
    };
  };
  "/analytics/v1/api-keys/{keyId}": {
    delete: {
      parameters: {
        path: {
          keyId: string;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/analytics/v1/downloads/{org}/{jobId}/{name}": {
    get: {
      parameters: {
        query: {
          expires: number;
          signature: string;
        };
        path: {
          jobId: string;
          name: string;
          org: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/octet-stream": string;
          };
        };
        206: {
          content: {
            "application/octet-stream": string;
          };
        };
      };
    };
  };
  "/analytics/v1/events": {
    post: {
      parameters: {
        query?: {
          lenient?: boolean;
        };
      };
      requestBody: {
        content: {
          "application/cloudevents-batch+json": components["schemas"]["CloudEvent"][];
          "application/cloudevents+json": components["schemas"]["CloudEvent"];
          "application/json": components["schemas"]["Event"] | components["schemas"]["Event"][];
          "application/x-ndjson": string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              conflicts: number;
              duplicates: number;
              errors: {
                code: string;
                detail: string;
                eventId: string | null;
                index: number;
              }[];
              received: number;
              rejected: number;
              stored: number;
              warnings?: {
                detail: string;
                events: number;
                field: string;
                firstIndex: number;
              }[];
            };
          };
        };
        207: {
          content: {
            "application/json": {
              conflicts: number;
              duplicates: number;
              errors: {
                code: string;
                detail: string;
                eventId: string | null;
                index: number;
              }[];
              received: number;
              rejected: number;
              stored: number;
              warnings?: {
                detail: string;
                events: number;
                field: string;
                firstIndex: number;
              }[];
            };
          };
        };
      };
    };
  };
  "/analytics/v1/events/validate": {
    post: {
      parameters: {
        query?: {
          lenient?: boolean;
        };
      };
      requestBody: {
        content: {
          "application/cloudevents-batch+json": components["schemas"]["CloudEvent"][];
          "application/cloudevents+json": components["schemas"]["CloudEvent"];
          "application/json": components["schemas"]["Event"] | components["schemas"]["Event"][];
          "application/x-ndjson": string;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/analytics/v1/me": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              allOrgs: boolean;
              capabilities: ("events:write" | "events:read" | "usage:read" | "reliability:read" | "dashboard:read" | "platform:read" | "business:read" | "alerts:read" | "alerts:write" | "exports:read" | "exports:write" | "keys:manage" | "labels:manage" | "prices:manage" | "orgs:manage" | "audit:read" | "self:read")[];
              id: string;
              orgs: string[];
              roles: ("admin" | "org_admin" | "engineer" | "finance" | "business_viewer" | "ingest")[];
              via: string;
            };
          };
        };
      };
    };
  };
  "/analytics/v1/me/sessions": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              sessions: {
                address: string | null;
                createdAt: string;
                current: boolean;
                expiresAt: string;
                id: string;
                lastSeenAt: string;
                userAgent: string | null;
                via: "oidc" | "jwt" | "api_key" | "login_link";
              }[];
            };
          };
        };
      };
    };
    delete: {
      responses: {
        200: {
          content: {
            "application/json": {
              ended: number;
            };
          };
        };
      };
    };
  };
  "/analytics/v1/me/sessions/{sessionId}": {
    delete: {
      parameters: {
        path: {
          sessionId: string;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/analytics/v1/orgs": {
    get: {
      parameters: {
        query?: {
          after?: string;
          bom?: boolean;
          format?: "json" | "csv";
          limit?: number;
          raw?: boolean;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              next: string | null;
              orgs: {
                lastEventAt: string | null;
                orgId: string;
                spendCents: number;
              }[];
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/event-conflicts": {
    get: {
      parameters: {
        query?: {
          after?: string;
          bom?: boolean;
          end?: string;
          format?: "json" | "csv";
          limit?: number;
          raw?: boolean;
          start?: string;
          type?: "usage" | "api_request" | "ml_job" | "order" | "storefront" | "inventory" | "error" | "alert";
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              conflicts: {
                batchId: number;
                contentHash: string;
                correlationId: string;
                occurredAt: string;
                receivedAt: string;
                storedId: string;
                times: number;
                type: string;
              }[];
              next: string | null;
              orgId: string;
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/events": {
    get: {
      parameters: {
        query?: {
          after?: string;
          clientId?: string;
          correlationId?: string;
          end?: string;
          errorCode?: string;
          labels?: {
            [key: string]: string;
          };
          limit?: number;
          metadata?: string;
          modelId?: string;
          start?: string;
          status?: string;
          type?: "usage" | "api_request" | "ml_job" | "order" | "storefront" | "inventory" | "error" | "alert";
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              bounded: {
                by: "time" | "rows";
                rowsLookedAt: number;
                searchedBackTo: string;
              } | null;
              events: ({
                actorId: string | null;
                correlationId: string;
                eventId: string;
                metadata: {
                  [key: string]: string;
                } | null;
                occurredAt: string;
                orgId: string;
                receivedAt: string;
                type: string;
              } & {
                [key: string]: unknown;
              })[];
              next: string | null;
              orgId: string;
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/events.csv": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          clientId?: string;
          correlationId?: string;
          end?: string;
          errorCode?: string;
          labels?: {
            [key: string]: string;
          };
          limit?: number;
          metadata?: string;
          modelId?: string;
          raw?: boolean;
          start?: string;
          status?: string;
          type?: "usage" | "api_request" | "ml_job" | "order" | "storefront" | "inventory" | "error" | "alert";
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "text/csv": string;
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/events.ndjson": {
    get: {
      parameters: {
        query?: {
          clientId?: string;
          correlationId?: string;
          end?: string;
          errorCode?: string;
          labels?: {
            [key: string]: string;
          };
          limit?: number;
          metadata?: string;
          modelId?: string;
          start?: string;
          status?: string;
          type?: "usage" | "api_request" | "ml_job" | "order" | "storefront" | "inventory" | "error" | "alert";
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/x-ndjson": string;
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/events/{eventId}": {
    get: {
      parameters: {
        path: {
          eventId: string;
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              batch: {
                batchId: number;
                conflicts: number;
                duplicates: number;
                received: number;
                receivedAt: string;
                rejected: number;
                rolledUpAt: string | null;
                source: string;
                stored: number;
                storedAt: string;
              } | null;
              batchId: number | null;
              conflicts: {
                batchId: number;
                contentHash: string;
                correlationId: string;
                occurredAt: string;
                receivedAt: string;
                storedId: string;
                times: number;
                type: string;
              }[];
              event: ({
                actorId: string | null;
                correlationId: string;
                eventId: string;
                metadata: {
                  [key: string]: string;
                } | null;
                occurredAt: string;
                orgId: string;
                receivedAt: string;
                type: string;
              } & {
                [key: string]: unknown;
              }) | null;
              eventId: string;
              lines: ({
                actorId: string | null;
                correlationId: string;
                eventId: string;
                metadata: {
                  [key: string]: string;
                } | null;
                occurredAt: string;
                orgId: string;
                receivedAt: string;
                type: string;
              } & {
                [key: string]: unknown;
              })[];
              orgId: string;
              outcome: "stored" | "removed" | "refused";
              rememberedSince: string;
              storedId: string;
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/export-schedules": {
    get: {
      parameters: {
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              items: {
                createdAt: string;
                createdBy: string;
                dataset: "usage" | "focus";
                dueAt: string;
                failure: string | null;
                failures: number;
                formats: ("csv" | "csv.gz" | "ndjson.gz" | "parquet")[];
                granularity: "hourly" | "daily" | "monthly";
                groupBy: ("model" | "client")[];
                models: string[];
                monthly: {
                  closeAfterSeconds: number;
                };
                name: string;
                nextPeriod: string;
                notify: {
                  channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                  to?: string;
                }[];
                orgId: string;
                scheduleId: string;
                updatedAt: string;
                updatedBy: string;
              }[];
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/export-schedules/{name}": {
    get: {
      parameters: {
        path: {
          name: string;
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              createdAt: string;
              createdBy: string;
              dataset: "usage" | "focus";
              dueAt: string;
              failure: string | null;
              failures: number;
              formats: ("csv" | "csv.gz" | "ndjson.gz" | "parquet")[];
              granularity: "hourly" | "daily" | "monthly";
              groupBy: ("model" | "client")[];
              models: string[];
              monthly: {
                closeAfterSeconds: number;
              };
              name: string;
              nextPeriod: string;
              notify: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                to?: string;
              }[];
              orgId: string;
              scheduleId: string;
              updatedAt: string;
              updatedBy: string;
            };
          };
        };
      };
    };
    put: {
      parameters: {
        path: {
          name: string;
          orgId: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            columns?: "default" | "vantage";
            dataset: "usage" | "focus";
            delivery?: {
              bucket?: string;
              type: "local" | "s3";
            };
            formats?: ("csv" | "csv.gz" | "ndjson.gz" | "parquet")[];
            granularity?: "hourly" | "daily" | "monthly";
            groupBy?: ("model" | "client")[];
            models?: string[];
            monthly: {
              closeAfter?: string;
              from?: string;
            };
            notify?: {
              channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
              to?: string;
            }[];
            raw?: boolean;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              createdAt: string;
              createdBy: string;
              dataset: "usage" | "focus";
              dueAt: string;
              failure: string | null;
              failures: number;
              formats: ("csv" | "csv.gz" | "ndjson.gz" | "parquet")[];
              granularity: "hourly" | "daily" | "monthly";
              groupBy: ("model" | "client")[];
              models: string[];
              monthly: {
                closeAfterSeconds: number;
              };
              name: string;
              nextPeriod: string;
              notify: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                to?: string;
              }[];
              orgId: string;
              scheduleId: string;
              updatedAt: string;
              updatedBy: string;
            };
          };
        };
        201: {
          content: {
            "application/json": {
              createdAt: string;
              createdBy: string;
              dataset: "usage" | "focus";
              dueAt: string;
              failure: string | null;
              failures: number;
              formats: ("csv" | "csv.gz" | "ndjson.gz" | "parquet")[];
              granularity: "hourly" | "daily" | "monthly";
              groupBy: ("model" | "client")[];
              models: string[];
              monthly: {
                closeAfterSeconds: number;
              };
              name: string;
              nextPeriod: string;
              notify: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                to?: string;
              }[];
              orgId: string;
              scheduleId: string;
              updatedAt: string;
              updatedBy: string;
            };
          };
        };
      };
    };
    delete: {
      parameters: {
        path: {
          name: string;
          orgId: string;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/exports": {
    get: {
      parameters: {
        query?: {
          after?: string;
          limit?: number;
          status?: "pending" | "running" | "succeeded" | "failed" | "expired" | "cancelled";
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              items: {
                attempt: number;
                checksum?: string;
                completedAt?: string;
                createdAt: string;
                dataset: "usage" | "focus" | "events" | "ml" | "sales" | "alerts" | "audit";
                error?: string;
                errorCode?: string;
                expiresAt?: string;
                files: {
                  bytes: number;
                  format: string;
                  name: string;
                  rows: number;
                  sha256: string;
                }[];
                granularity: "hourly" | "daily" | "monthly";
                initiatedBy: string;
                jobId: string;
                orgId: string;
                outputUri?: string;
                progress: {
                  bytes: number;
                  rows: number;
                };
                reconciliation: {
                  bookedDays: string[];
                  file: {
                    [key: string]: string;
                  };
                  raw: {
                    [key: string]: string;
                  } | null;
                  reconciles: boolean;
                  rollups: {
                    [key: string]: string;
                  };
                } | null;
                rowCount?: number;
                rowsMatched?: number;
                scheduleId: string | null;
                status: "pending" | "running" | "succeeded" | "failed" | "expired" | "cancelled";
                timeRange: {
                  end: string;
                  start: string;
                };
                truncated: boolean;
                warnings: string[];
              }[];
              next: string | null;
            };
          };
        };
      };
    };
    post: {
      parameters: {
        header?: {
          "idempotency-key"?: string;
        };
        path: {
          orgId: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            bom?: boolean;
            columns?: "default" | "s2" | "vantage";
            dataset?: "usage" | "focus" | "events" | "ml" | "sales" | "alerts" | "audit";
            delivery?: {
              bucket?: string;
              type: "local" | "s3";
            };
            events?: {
              clientId?: string;
              correlationId?: string;
              errorCode?: string;
              limit?: number;
              status?: string;
              type?: "usage" | "api_request" | "ml_job" | "order" | "storefront" | "inventory" | "error" | "alert";
            };
            formats?: ("csv" | "csv.gz" | "ndjson.gz" | "parquet")[];
            granularity?: "hourly" | "daily" | "monthly";
            groupBy?: string[];
            labels?: {
              [key: string]: string;
            };
            models?: string[];
            raw?: boolean;
            timeRange: {
              end: string;
              start: string;
            };
            timezone?: string;
          };
        };
      };
      responses: {
        202: {
          content: {
            "application/json": {
              attempt: number;
              checksum?: string;
              completedAt?: string;
              createdAt: string;
              dataset: "usage" | "focus" | "events" | "ml" | "sales" | "alerts" | "audit";
              error?: string;
              errorCode?: string;
              expiresAt?: string;
              files: {
                bytes: number;
                format: string;
                name: string;
                rows: number;
                sha256: string;
              }[];
              granularity: "hourly" | "daily" | "monthly";
              initiatedBy: string;
              jobId: string;
              orgId: string;
              outputUri?: string;
              progress: {
                bytes: number;
                rows: number;
              };
              reconciliation: {
                bookedDays: string[];
                file: {
                  [key: string]: string;
                };
                raw: {
                  [key: string]: string;
                } | null;
                reconciles: boolean;
                rollups: {
                  [key: string]: string;
                };
              } | null;
              rowCount?: number;
              rowsMatched?: number;
              scheduleId: string | null;
              status: "pending" | "running" | "succeeded" | "failed" | "expired" | "cancelled";
              timeRange: {
                end: string;
                start: string;
              };
              truncated: boolean;
              warnings: string[];
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/exports/{jobId}": {
    get: {
      parameters: {
        path: {
          jobId: string;
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              attempt: number;
              checksum?: string;
              completedAt?: string;
              createdAt: string;
              dataset: "usage" | "focus" | "events" | "ml" | "sales" | "alerts" | "audit";
              error?: string;
              errorCode?: string;
              expiresAt?: string;
              files: {
                bytes: number;
                format: string;
                name: string;
                rows: number;
                sha256: string;
              }[];
              granularity: "hourly" | "daily" | "monthly";
              initiatedBy: string;
              jobId: string;
              orgId: string;
              outputUri?: string;
              progress: {
                bytes: number;
                rows: number;
              };
              reconciliation: {
                bookedDays: string[];
                file: {
                  [key: string]: string;
                };
                raw: {
                  [key: string]: string;
                } | null;
                reconciles: boolean;
                rollups: {
                  [key: string]: string;
                };
              } | null;
              rowCount?: number;
              rowsMatched?: number;
              scheduleId: string | null;
              status: "pending" | "running" | "succeeded" | "failed" | "expired" | "cancelled";
              timeRange: {
                end: string;
                start: string;
              };
              truncated: boolean;
              warnings: string[];
            };
          };
        };
      };
    };
    delete: {
      parameters: {
        path: {
          jobId: string;
          orgId: string;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/exports/{jobId}/download": {
    get: {
      parameters: {
        query?: {
          file?: string;
        };
        path: {
          jobId: string;
          orgId: string;
        };
      };
      responses: never;
    };
  };
  "/analytics/v1/orgs/{orgId}/freshness": {
    get: {
      parameters: {
        query?: {
          after?: string;
          bom?: boolean;
          format?: "json" | "csv";
          limit?: number;
          raw?: boolean;
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              entries: {
                lagSeconds: number;
                lastEventAt: string;
                lastRollupAt: string;
                modelId: string;
                status: "fresh" | "stale" | "delayed";
              }[];
              lagSeconds: number;
              next: string | null;
              orgId: string;
              status: "fresh" | "stale" | "delayed";
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/ingestion/recent": {
    get: {
      parameters: {
        query?: {
          format?: string;
          id?: string;
          limit?: number;
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              batches: {
                at: string;
                conflicts: number;
                correlationId: string;
                duplicates: number;
                format: string;
                rejected: number;
                requests: number;
                skipped: number;
                skippedReasons: {
                  [key: string]: number;
                };
                source: string;
                stored: number;
              }[];
              orgId: string;
              refusals: {
                at: string;
                code: string;
                correlationId: string;
                format: string;
                id: string | null;
                reason: string;
                source: string;
              }[];
              skipped: {
                at: string;
                format: string;
                id: string | null;
                reason: string;
                source: string;
              }[];
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/labels": {
    get: {
      parameters: {
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              labels: {
                declaredAt: string;
                endedAt: string | null;
                key: string;
              }[];
              orgId: string;
            };
          };
        };
      };
    };
    put: {
      parameters: {
        path: {
          orgId: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            labels: string[];
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              labels: {
                declaredAt: string;
                endedAt: string | null;
                key: string;
              }[];
              orgId: string;
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/limits": {
    get: {
      parameters: {
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              limits: {
                limit: number | null;
                quota: "rules" | "api_keys" | "webhooks" | "preferences" | "series" | "detailed_series" | "events_per_day" | "stored_bytes" | "pending_notices" | "open_exports" | "trials_per_day" | "sms_per_day" | "emails_per_day";
                used: number;
              }[];
              orgId: string;
              rawRetention: {
                days: number;
                keptFrom: string | null;
                ownDays: number | null;
              };
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/periods": {
    get: {
      parameters: {
        query?: {
          dataset?: "usage" | "focus";
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              items: {
                closedAt: string;
                closedBy: string;
                corrections: number;
                costDollars: string;
                dataset: "usage" | "focus";
                deliveredAt: string | null;
                final: boolean;
                jobId: string | null;
                note: string | null;
                period: string;
                reconciliation: {
                  bookedDays: string[];
                  raw: {
                    [key: string]: string;
                  } | null;
                  rollups: {
                    [key: string]: string;
                  };
                  told: {
                    [key: string]: string;
                  };
                };
                revision: number;
                rows: number;
              }[];
              open: {
                dataset: "usage" | "focus";
                dueAt: string;
                final: false;
                period: string;
                schedule: string;
              }[];
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/periods/{month}": {
    get: {
      parameters: {
        query: {
          dataset: "usage" | "focus";
        };
        path: {
          month: string;
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              corrections: {
                clientId: string | null;
                costDollars: string;
                deliveredIn: string;
                end: string;
                events: string;
                modelId: string | null;
                pipeline: string | null;
                provider: string | null;
                reason: "late_events" | "repricing";
                revision: number;
                start: string;
                type: string;
              }[];
              pending: {
                corrections: {
                  clientId: string | null;
                  costDollars: string;
                  end: string;
                  events: string;
                  modelId: string | null;
                  pipeline: string | null;
                  provider: string | null;
                  reason: "late_events" | "repricing";
                  start: string;
                  type: string;
                }[];
                truncated: boolean;
              };
              revisions: {
                closedAt: string;
                closedBy: string;
                corrections: number;
                costDollars: string;
                dataset: "usage" | "focus";
                deliveredAt: string | null;
                final: boolean;
                jobId: string | null;
                note: string | null;
                period: string;
                reconciliation: {
                  bookedDays: string[];
                  raw: {
                    [key: string]: string;
                  } | null;
                  rollups: {
                    [key: string]: string;
                  };
                  told: {
                    [key: string]: string;
                  };
                };
                revision: number;
                rows: number;
              }[];
              truncated: boolean;
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/periods/{month}/exports": {
    post: {
      parameters: {
        header?: {
          "idempotency-key"?: string;
        };
        path: {
          month: string;
          orgId: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            dataset: "usage" | "focus";
            revision?: number;
          };
        };
      };
      responses: {
        202: {
          content: {
            "application/json": {
              attempt: number;
              checksum?: string;
              completedAt?: string;
              createdAt: string;
              dataset: "usage" | "focus" | "events" | "ml" | "sales" | "alerts" | "audit";
              error?: string;
              errorCode?: string;
              expiresAt?: string;
              files: {
                bytes: number;
                format: string;
                name: string;
                rows: number;
                sha256: string;
              }[];
              granularity: "hourly" | "daily" | "monthly";
              initiatedBy: string;
              jobId: string;
              orgId: string;
              outputUri?: string;
              progress: {
                bytes: number;
                rows: number;
              };
              reconciliation: {
                bookedDays: string[];
                file: {
                  [key: string]: string;
                };
                raw: {
                  [key: string]: string;
                } | null;
                reconciles: boolean;
                rollups: {
                  [key: string]: string;
                };
              } | null;
              rowCount?: number;
              rowsMatched?: number;
              scheduleId: string | null;
              status: "pending" | "running" | "succeeded" | "failed" | "expired" | "cancelled";
              timeRange: {
                end: string;
                start: string;
              };
              truncated: boolean;
              warnings: string[];
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/periods/{month}/reopen": {
    post: {
      parameters: {
        path: {
          month: string;
          orgId: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            dataset: "usage" | "focus";
            note: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              closedAt: string;
              closedBy: string;
              corrections: number;
              costDollars: string;
              dataset: "usage" | "focus";
              deliveredAt: string | null;
              final: boolean;
              jobId: string | null;
              note: string | null;
              period: string;
              reconciliation: {
                bookedDays: string[];
                raw: {
                  [key: string]: string;
                } | null;
                rollups: {
                  [key: string]: string;
                };
                told: {
                  [key: string]: string;
                };
              };
              revision: number;
              rows: number;
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/reconciliation": {
    get: {
      parameters: {
        query?: {
          end?: string;
          start?: string;
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              days: {
                day: string;
                difference: {
                  cachedInputTokens: number;
                  costDollars: string;
                  events: number;
                  failed: number;
                  inputTokens: number;
                  outputTokens: number;
                  unpriced: number;
                };
                differs: string[];
                raw: {
                  cachedInputTokens: number;
                  costDollars: string;
                  events: number;
                  failed: number;
                  inputTokens: number;
                  outputTokens: number;
                  unpriced: number;
                };
                rollups: {
                  cachedInputTokens: number;
                  costDollars: string;
                  events: number;
                  failed: number;
                  inputTokens: number;
                  outputTokens: number;
                  unpriced: number;
                };
                source: "raw" | "book" | "unknown";
                type: string;
              }[];
              end: string;
              orgId: string;
              reconciles: boolean;
              start: string;
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/reliability": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          clientId?: string;
          compare?: "previous" | "week" | "year";
          end?: string;
          errorCode?: string;
          format?: "json" | "csv";
          granularity?: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "none";
          groupBy?: string;
          labels?: {
            [key: string]: string;
          };
          modelId?: string;
          percentile?: string;
          provider?: string;
          raw?: boolean;
          serviceTier?: string;
          start?: string;
          status?: string;
          table?: "series" | "totals";
          timezone?: string;
          top?: number;
          topBy?: "invocations" | "errors";
          weekStart?: "sunday" | "monday";
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
              notCompared?: string;
              note?: string;
              orgId: string;
              restGroups: number;
              series: {
                bucketStart: string;
                clientId?: string | null;
                errorCode?: string | null;
                errorRate: number;
                errors: {
                  [key: string]: number;
                };
                invocations: number;
                labels?: {
                  [key: string]: string | null;
                };
                latencyMs: {
                  [key: string]: number | null;
                };
                modelId?: string | null;
                partial?: true;
                previous?: {
                  bucketStart: string;
                  errorRate: number;
                  errors: {
                    [key: string]: number;
                  };
                  invocations: number;
                  latencyMs: {
                    [key: string]: number | null;
                  };
                } | null;
                provider?: string | null;
                rest?: true;
                serviceTier?: string | null;
                status?: string | null;
              }[];
              start: string;
              timezone: string;
              totals: {
                errorRate: number;
                errors: {
                  [key: string]: number;
                };
                invocations: number;
                latencyMs: {
                  [key: string]: number | null;
                };
                previous?: {
                  errorRate: number;
                  errors: {
                    [key: string]: number;
                  };
                  invocations: number;
                  latencyMs: {
                    [key: string]: number | null;
                  };
                } | null;
              };
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/retention": {
    put: {
      parameters: {
        path: {
          orgId: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            rawRetentionDays: number | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              orgId: string;
              rawRetention: {
                days: number;
                keptFrom: string | null;
                ownDays: number | null;
              };
            };
          };
        };
      };
    };
  };
  "/analytics/v1/orgs/{orgId}/usage": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          clientId?: string;
          compare?: "previous" | "week" | "year";
          end?: string;
          errorCode?: string;
          format?: "json" | "csv";
          granularity?: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "none";
          groupBy?: string;
          labels?: {
            [key: string]: string;
          };
          modelId?: string;
          provider?: string;
          raw?: boolean;
          serviceTier?: string;
          start?: string;
          status?: string;
          table?: "series" | "totals";
          timezone?: string;
          top?: number;
          topBy?: "invocations" | "cost" | "tokens";
          weekStart?: "sunday" | "monday";
        };
        path: {
          orgId: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
              notCompared?: string;
              note?: string;
              orgId: string;
              restGroups: number;
              series: {
                bucketStart: string;
                cachedInputTokens: number;
                cacheWriteInputTokens: number;
                clientId?: string | null;
                costEstimateCents: number;
                costUsd: string;
                errorCode?: string | null;
                inputTokens: number;
                invocations: number;
                labels?: {
                  [key: string]: string | null;
                };
                modelId?: string | null;
                outputTokens: number;
                partial?: true;
                previous?: {
                  bucketStart: string;
                  cachedInputTokens: number;
                  cacheWriteInputTokens: number;
                  costEstimateCents: number;
                  costUsd: string;
                  inputTokens: number;
                  invocations: number;
                  outputTokens: number;
                  reasoningTokens: number;
                  timeToFirstTokenMs: number | null;
                  unpricedInvocations: number;
                  withoutUsage: number;
                } | null;
                provider?: string | null;
                reasoningTokens: number;
                rest?: true;
                serviceTier?: string | null;
                status?: string | null;
                timeToFirstTokenMs: number | null;
                unpricedInvocations: number;
                withoutUsage: number;
              }[];
              start: string;
              timezone: string;
              totals: {
                cachedInputTokens: number;
                cacheWriteInputTokens: number;
                costEstimateCents: number;
                costUsd: string;
                inputTokens: number;
                invocations: number;
                outputTokens: number;
                previous?: {
                  cachedInputTokens: number;
                  cacheWriteInputTokens: number;
                  costEstimateCents: number;
                  costUsd: string;
                  inputTokens: number;
                  invocations: number;
                  outputTokens: number;
                  reasoningTokens: number;
                  timeToFirstTokenMs: number | null;
                  unpricedInvocations: number;
                  withoutUsage: number;
                } | null;
                reasoningTokens: number;
                timeToFirstTokenMs: number | null;
                unpricedInvocations: number;
                withoutUsage: number;
              };
            };
          };
        };
      };
    };
  };
  "/analytics/v1/status/healthz": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              status: "ok";
            };
          };
        };
      };
    };
  };
  "/analytics/v1/status/readyz": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              checks: {
                [key: string]: "ok";
              };
              status: "ready";
            };
          };
        };
      };
    };
  };
  "/api/public/health": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              status: string;
              version: string;
            };
          };
        };
      };
    };
  };
  "/api/public/ingestion": {
    post: {
      responses: {
        207: {
          content: {
            "application/json": {
              errors: unknown[];
              successes: {
                id: string;
                status: number;
              }[];
            };
          };
        };
      };
    };
  };
  "/api/public/otel/v1/traces": {
    post: {
      requestBody: {
        content: {
          "application/json": Record<string, never>;
          "application/x-protobuf": string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              partialSuccess?: {
                errorMessage?: string;
                rejectedSpans?: string;
              };
            };
          };
        };
      };
    };
  };
  "/api/public/projects": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              data: {
                id: string;
                metadata: Record<string, never>;
                name: string;
                organization: {
                  id: string;
                  name: string;
                };
              }[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/{id}": {
    get: {
      parameters: {
        path: {
          id: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              acknowledgedAt: string | null;
              acknowledgedBy: string | null;
              allOrgs: boolean;
              configId: string;
              evidence: {
                baseline: number | null;
                baselineKind: string | null;
                baselineSamples: number | null;
                compared: number | null;
                reason: string;
                windowEnd: string | null;
                windowStart: string | null;
              };
              group: {
                [key: string]: string;
              };
              id: string;
              metric: string;
              name: string;
              note: string | null;
              orgId: string | null;
              pendingAt: string;
              resolvedAt: string | null;
              resolvedBy: string | null;
              samples: number;
              severity: "info" | "warning" | "critical";
              threshold: number;
              thresholdText: string;
              told: {
                channel: string;
                failure: string | null;
                kind: string;
                recipient: string;
                sentAt: string | null;
                status: string;
              }[];
              transitions: {
                actorId: string | null;
                at: string;
                id: string;
                note: string | null;
                notice: string | null;
                reason: string;
                silence: string | null;
                suppressedBy: string | null;
                transition: string;
                value: number | null;
              }[];
              triggeredAt: string;
              value: number | null;
              valueText: string | null;
              windowSeconds: number;
              workflow: "open" | "acknowledged" | "resolved";
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/{id}/acknowledge": {
    post: {
      parameters: {
        path: {
          id: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            note?: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              acknowledgedAt: string | null;
              acknowledgedBy: string | null;
              allOrgs: boolean;
              configId: string;
              evidence: {
                baseline: number | null;
                baselineKind: string | null;
                baselineSamples: number | null;
                compared: number | null;
                reason: string;
                windowEnd: string | null;
                windowStart: string | null;
              };
              group: {
                [key: string]: string;
              };
              id: string;
              metric: string;
              name: string;
              note: string | null;
              orgId: string | null;
              pendingAt: string;
              resolvedAt: string | null;
              resolvedBy: string | null;
              samples: number;
              severity: "info" | "warning" | "critical";
              threshold: number;
              thresholdText: string;
              triggeredAt: string;
              value: number | null;
              valueText: string | null;
              windowSeconds: number;
              workflow: "open" | "acknowledged" | "resolved";
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/{id}/explain": {
    get: {
      parameters: {
        query?: {
          recipient?: string;
        };
        path: {
          id: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              alert: {
                acknowledgedAt: string | null;
                acknowledgedBy: string | null;
                allOrgs: boolean;
                configId: string;
                evidence: {
                  baseline: number | null;
                  baselineKind: string | null;
                  baselineSamples: number | null;
                  compared: number | null;
                  reason: string;
                  windowEnd: string | null;
                  windowStart: string | null;
                };
                group: {
                  [key: string]: string;
                };
                id: string;
                metric: string;
                name: string;
                note: string | null;
                orgId: string | null;
                pendingAt: string;
                resolvedAt: string | null;
                resolvedBy: string | null;
                samples: number;
                severity: "info" | "warning" | "critical";
                threshold: number;
                thresholdText: string;
                triggeredAt: string;
                value: number | null;
                valueText: string | null;
                windowSeconds: number;
                workflow: "open" | "acknowledged" | "resolved";
              };
              person: {
                because: string[];
                recipient: string;
                told: boolean;
              } | null;
              timeline: {
                at: string;
                because: string;
                deliveries: string[];
                notice: string;
                transition: string;
              }[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/{id}/resolve": {
    post: {
      parameters: {
        path: {
          id: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            note?: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              acknowledgedAt: string | null;
              acknowledgedBy: string | null;
              allOrgs: boolean;
              configId: string;
              evidence: {
                baseline: number | null;
                baselineKind: string | null;
                baselineSamples: number | null;
                compared: number | null;
                reason: string;
                windowEnd: string | null;
                windowStart: string | null;
              };
              group: {
                [key: string]: string;
              };
              id: string;
              metric: string;
              name: string;
              note: string | null;
              orgId: string | null;
              pendingAt: string;
              resolvedAt: string | null;
              resolvedBy: string | null;
              samples: number;
              severity: "info" | "warning" | "critical";
              threshold: number;
              thresholdText: string;
              triggeredAt: string;
              value: number | null;
              valueText: string | null;
              windowSeconds: number;
              workflow: "open" | "acknowledged" | "resolved";
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/{id}/series": {
    get: {
      parameters: {
        path: {
          id: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              alertId: string;
              asOf: string;
              coarseUntil: string | null;
              currency: string | null;
              end: string;
              group: {
                [key: string]: string;
              };
              marks: {
                actorId: string | null;
                at: string;
                notice: string | null;
                reason: string;
                transition: string;
                value: number | null;
              }[];
              metric: string;
              note: string | null;
              points: {
                at: string;
                baseline: number | null;
                lower: number | null;
                samples: number;
                upper: number | null;
                value: number | null;
              }[];
              pointSeconds: number;
              recoveryThreshold: number | null;
              start: string;
              threshold: number;
              type: "threshold_above" | "threshold_below" | "rate_of_change" | "anomaly";
              unit: string;
              windowSeconds: number;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/{id}/unacknowledge": {
    post: {
      parameters: {
        path: {
          id: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            note?: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              acknowledgedAt: string | null;
              acknowledgedBy: string | null;
              allOrgs: boolean;
              configId: string;
              evidence: {
                baseline: number | null;
                baselineKind: string | null;
                baselineSamples: number | null;
                compared: number | null;
                reason: string;
                windowEnd: string | null;
                windowStart: string | null;
              };
              group: {
                [key: string]: string;
              };
              id: string;
              metric: string;
              name: string;
              note: string | null;
              orgId: string | null;
              pendingAt: string;
              resolvedAt: string | null;
              resolvedBy: string | null;
              samples: number;
              severity: "info" | "warning" | "critical";
              threshold: number;
              thresholdText: string;
              triggeredAt: string;
              value: number | null;
              valueText: string | null;
              windowSeconds: number;
              workflow: "open" | "acknowledged" | "resolved";
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/active": {
    get: {
      parameters: {
        query?: {
          acknowledged?: boolean;
          after?: string;
          bom?: boolean;
          configId?: string;
          format?: "json" | "csv";
          limit?: number;
          metric?: string;
          orgId?: string;
          raw?: boolean;
          severity?: "info" | "warning" | "critical";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              alerts: {
                acknowledgedAt: string | null;
                acknowledgedBy: string | null;
                allOrgs: boolean;
                configId: string;
                evidence: {
                  baseline: number | null;
                  baselineKind: string | null;
                  baselineSamples: number | null;
                  compared: number | null;
                  reason: string;
                  windowEnd: string | null;
                  windowStart: string | null;
                };
                group: {
                  [key: string]: string;
                };
                id: string;
                metric: string;
                name: string;
                note: string | null;
                orgId: string | null;
                pendingAt: string;
                resolvedAt: string | null;
                resolvedBy: string | null;
                samples: number;
                severity: "info" | "warning" | "critical";
                threshold: number;
                thresholdText: string;
                triggeredAt: string;
                value: number | null;
                valueText: string | null;
                windowSeconds: number;
                workflow: "open" | "acknowledged" | "resolved";
              }[];
              next: string | null;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/bulk-acknowledge": {
    post: {
      requestBody: {
        content: {
          "application/json": {
            ids: string[];
            note?: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              acknowledged: string[];
              failed: {
                code: string;
                detail: string;
                id: string;
              }[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/configs": {
    get: {
      parameters: {
        query?: {
          after?: string;
          bom?: boolean;
          enabled?: boolean;
          format?: "json" | "csv";
          limit?: number;
          metric?: string;
          name?: string;
          orgId?: string;
          raw?: boolean;
          severity?: "info" | "warning" | "critical";
          type?: "threshold_above" | "threshold_below" | "rate_of_change" | "anomaly";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              configs: {
                builtIn: string | null;
                channels: {
                  channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                  to?: string;
                }[];
                cooldownSeconds: number | null;
                createdAt: string;
                createdBy: string;
                description: string;
                direction: "both" | "up" | "down";
                enabled: boolean;
                escalation: {
                  afterSeconds: number;
                  channels: {
                    channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                    team?: string;
                    to?: string;
                  }[];
                }[];
                expression: string | null;
                failure: string | null;
                filters: {
                  [key: string]: string | number;
                };
                floor: number | null;
                forSeconds: number;
                groupBy: string[];
                groupGoneSeconds: number | null;
                id: string;
                intervalSeconds: number;
                lastEvaluatedAt: string | null;
                metric: string;
                minimumChange: number;
                minimumSamples: number;
                name: string;
                nextEvaluationAt: string;
                noData: "keep" | "alert" | "ok";
                onData: boolean;
                openAlerts: number;
                orgId: string | null;
                recoverySeconds: number;
                recoveryThreshold: number | null;
                repeatSeconds: number | null;
                runbookUrl: string | null;
                severity: "info" | "warning" | "critical";
                silencedUntil: string | null;
                threshold: number;
                timezone: string | null;
                type: "threshold_above" | "threshold_below" | "rate_of_change" | "anomaly";
                updatedAt: string;
                updatedBy: string;
                version: number;
                waitingSince: string | null;
                windowSeconds: number;
              }[];
              next: string | null;
            };
          };
        };
      };
    };
    post: {
      requestBody: {
        content: {
          "application/json": {
            channels?: {
              channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
              to?: string;
            }[];
            cooldownSeconds?: number | null;
            description?: string;
            direction?: "both" | "up" | "down";
            enabled?: boolean;
            escalation?: {
              afterSeconds: number;
              channels: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                team?: string;
                to?: string;
              }[];
            }[];
            expression?: string | null;
            filters?: {
              [key: string]: string | number;
            };
            floor?: number | null;
            forSeconds?: number;
            groupBy?: string[];
            groupGoneSeconds?: number | null;
            intervalSeconds?: number;
            metric?: string;
            minimumChange?: number;
            minimumSamples?: number;
            name?: string;
            noData?: "keep" | "alert" | "ok";
            onData?: boolean;
            orgId?: string | null;
            recoverySeconds?: number;
            recoveryThreshold?: number | null;
            repeatSeconds?: number | null;
            runbookUrl?: string | null;
            severity?: "info" | "warning" | "critical";
            silencedUntil?: string | null;
            threshold?: number;
            timezone?: string | null;
            type?: "threshold_above" | "threshold_below" | "rate_of_change" | "anomaly";
            windowSeconds?: number;
          } & {
            [key: string]: unknown;
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": {
              builtIn: string | null;
              channels: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                to?: string;
              }[];
              cooldownSeconds: number | null;
              createdAt: string;
              createdBy: string;
              description: string;
              direction: "both" | "up" | "down";
              enabled: boolean;
              escalation: {
                afterSeconds: number;
                channels: {
                  channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                  team?: string;
                  to?: string;
                }[];
              }[];
              expression: string | null;
              failure: string | null;
              filters: {
                [key: string]: string | number;
              };
              floor: number | null;
              forSeconds: number;
              groupBy: string[];
              groupGoneSeconds: number | null;
              id: string;
              intervalSeconds: number;
              lastEvaluatedAt: string | null;
              metric: string;
              minimumChange: number;
              minimumSamples: number;
              name: string;
              nextEvaluationAt: string;
              noData: "keep" | "alert" | "ok";
              onData: boolean;
              openAlerts: number;
              orgId: string | null;
              recoverySeconds: number;
              recoveryThreshold: number | null;
              repeatSeconds: number | null;
              runbookUrl: string | null;
              severity: "info" | "warning" | "critical";
              silencedUntil: string | null;
              threshold: number;
              timezone: string | null;
              type: "threshold_above" | "threshold_below" | "rate_of_change" | "anomaly";
              updatedAt: string;
              updatedBy: string;
              version: number;
              waitingSince: string | null;
              windowSeconds: number;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/configs/{id}": {
    get: {
      parameters: {
        path: {
          id: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              builtIn: string | null;
              channels: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                to?: string;
              }[];
              cooldownSeconds: number | null;
              createdAt: string;
              createdBy: string;
              description: string;
              direction: "both" | "up" | "down";
              enabled: boolean;
              escalation: {
                afterSeconds: number;
                channels: {
                  channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                  team?: string;
                  to?: string;
                }[];
              }[];
              expression: string | null;
              failure: string | null;
              filters: {
                [key: string]: string | number;
              };
              floor: number | null;
              forSeconds: number;
              groupBy: string[];
              groupGoneSeconds: number | null;
              id: string;
              intervalSeconds: number;
              lastEvaluatedAt: string | null;
              metric: string;
              minimumChange: number;
              minimumSamples: number;
              name: string;
              nextEvaluationAt: string;
              noData: "keep" | "alert" | "ok";
              onData: boolean;
              openAlerts: number;
              orgId: string | null;
              recoverySeconds: number;
              recoveryThreshold: number | null;
              repeatSeconds: number | null;
              runbookUrl: string | null;
              severity: "info" | "warning" | "critical";
              silencedUntil: string | null;
              threshold: number;
              timezone: string | null;
              type: "threshold_above" | "threshold_below" | "rate_of_change" | "anomaly";
              updatedAt: string;
              updatedBy: string;
              version: number;
              waitingSince: string | null;
              windowSeconds: number;
            };
          };
        };
      };
    };
    put: {
      parameters: {
        path: {
          id: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            channels?: {
              channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
              to?: string;
            }[];
            cooldownSeconds?: number | null;
            description?: string;
            direction?: "both" | "up" | "down";
            enabled?: boolean;
            escalation?: {
              afterSeconds: number;
              channels: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                team?: string;
                to?: string;
              }[];
            }[];
            expression?: string | null;
            filters?: {
              [key: string]: string | number;
            };
            floor?: number | null;
            forSeconds?: number;
            groupBy?: string[];
            groupGoneSeconds?: number | null;
            intervalSeconds?: number;
            metric?: string;
            minimumChange?: number;
            minimumSamples?: number;
            name?: string;
            noData?: "keep" | "alert" | "ok";
            onData?: boolean;
            recoverySeconds?: number;
            recoveryThreshold?: number | null;
            repeatSeconds?: number | null;
            runbookUrl?: string | null;
            severity?: "info" | "warning" | "critical";
            silencedUntil?: string | null;
            threshold?: number;
            timezone?: string | null;
            type?: "threshold_above" | "threshold_below" | "rate_of_change" | "anomaly";
            windowSeconds?: number;
          } & {
            [key: string]: unknown;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              builtIn: string | null;
              channels: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                to?: string;
              }[];
              cooldownSeconds: number | null;
              createdAt: string;
              createdBy: string;
              description: string;
              direction: "both" | "up" | "down";
              enabled: boolean;
              escalation: {
                afterSeconds: number;
                channels: {
                  channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                  team?: string;
                  to?: string;
                }[];
              }[];
              expression: string | null;
              failure: string | null;
              filters: {
                [key: string]: string | number;
              };
              floor: number | null;
              forSeconds: number;
              groupBy: string[];
              groupGoneSeconds: number | null;
              id: string;
              intervalSeconds: number;
              lastEvaluatedAt: string | null;
              metric: string;
              minimumChange: number;
              minimumSamples: number;
              name: string;
              nextEvaluationAt: string;
              noData: "keep" | "alert" | "ok";
              onData: boolean;
              openAlerts: number;
              orgId: string | null;
              recoverySeconds: number;
              recoveryThreshold: number | null;
              repeatSeconds: number | null;
              runbookUrl: string | null;
              severity: "info" | "warning" | "critical";
              silencedUntil: string | null;
              threshold: number;
              timezone: string | null;
              type: "threshold_above" | "threshold_below" | "rate_of_change" | "anomaly";
              updatedAt: string;
              updatedBy: string;
              version: number;
              waitingSince: string | null;
              windowSeconds: number;
            };
          };
        };
      };
    };
    delete: {
      parameters: {
        path: {
          id: string;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/api/v1/analytics/alerts/configs/{id}/test": {
    post: {
      parameters: {
        path: {
          id: string;
        };
      };
      responses: {
        202: {
          content: {
            "application/json": {
              group: {
                [key: string]: string;
              };
              recipients: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                recipient: string;
              }[];
              value: number | null;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/configs/export": {
    get: {
      parameters: {
        query?: {
          orgId?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/yaml": string;
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/configs/import": {
    post: {
      parameters: {
        query?: {
          dryRun?: boolean;
          orgId?: string;
          prune?: boolean;
        };
      };
      requestBody: {
        content: {
          "application/x-yaml": string;
          "application/yaml": string;
          "text/yaml": string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              changes: {
                action: "create" | "update" | "delete" | "unchanged";
                fields: {
                  [key: string]: {
                    after: unknown;
                    before: unknown;
                  };
                };
                id: string | null;
                name: string;
                orgId: string | null;
              }[];
              dryRun: boolean;
              silences: {
                action: "create" | "update" | "delete" | "unchanged";
                id: string | null;
                name: string;
                orgId: string | null;
              }[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/configs/preview": {
    post: {
      requestBody: {
        content: {
          "application/json": {
            channels?: {
              channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
              to?: string;
            }[];
            cooldownSeconds?: number | null;
            description?: string;
            direction?: "both" | "up" | "down";
            enabled?: boolean;
            escalation?: {
              afterSeconds: number;
              channels: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                team?: string;
                to?: string;
              }[];
            }[];
            expression?: string | null;
            filters?: {
              [key: string]: string | number;
            };
            floor?: number | null;
            forSeconds?: number;
            groupBy?: string[];
            groupGoneSeconds?: number | null;
            intervalSeconds?: number;
            metric?: string;
            minimumChange?: number;
            minimumSamples?: number;
            name?: string;
            noData?: "keep" | "alert" | "ok";
            onData?: boolean;
            orgId?: string | null;
            recoverySeconds?: number;
            recoveryThreshold?: number | null;
            repeatSeconds?: number | null;
            runbookUrl?: string | null;
            severity?: "info" | "warning" | "critical";
            silencedUntil?: string | null;
            threshold?: number;
            timezone?: string | null;
            type?: "threshold_above" | "threshold_below" | "rate_of_change" | "anomaly";
            windowSeconds?: number;
          } & {
            [key: string]: unknown;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              alerts: {
                baseline: number | null;
                group: {
                  [key: string]: string;
                };
                knownAt: string | null;
                lateEvents: number;
                notices: {
                  at: string;
                  kind: string;
                  value: number | null;
                }[];
                pendingAt: string;
                reason: string;
                resolvedAt: string | null;
                samples: number;
                triggeredAt: string;
                value: number | null;
              }[];
              coarseUntil: string;
              dataFrom: string | null;
              end: string;
              evaluations: number;
              groups: number;
              groupsLeftOut: number;
              notices: {
                [key: string]: number;
              };
              pointSeconds: number;
              reasons: {
                [key: string]: number;
              };
              recipients: {
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                recipient: string;
              }[];
              series: {
                group: {
                  [key: string]: string;
                };
                marks: {
                  at: string;
                  notice: string | null;
                  reason: string;
                  transition: string;
                  value: number | null;
                }[];
                points: {
                  at: string;
                  baseline: number | null;
                  lower: number | null;
                  samples: number;
                  upper: number | null;
                  value: number | null;
                }[];
                samples: {
                  least: number;
                  median: number;
                  most: number;
                } | null;
              }[];
              seriesNote: string | null;
              start: string;
              stepSeconds: number;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/history": {
    get: {
      parameters: {
        query?: {
          after?: string;
          bom?: boolean;
          configId?: string;
          end?: string;
          format?: "json" | "csv";
          limit?: number;
          metric?: string;
          orgId?: string;
          raw?: boolean;
          severity?: "info" | "warning" | "critical";
          start?: string;
          workflow?: "open" | "acknowledged" | "resolved";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              alerts: {
                acknowledgedAt: string | null;
                acknowledgedBy: string | null;
                allOrgs: boolean;
                configId: string;
                evidence: {
                  baseline: number | null;
                  baselineKind: string | null;
                  baselineSamples: number | null;
                  compared: number | null;
                  reason: string;
                  windowEnd: string | null;
                  windowStart: string | null;
                };
                group: {
                  [key: string]: string;
                };
                id: string;
                metric: string;
                name: string;
                note: string | null;
                orgId: string | null;
                pendingAt: string;
                resolvedAt: string | null;
                resolvedBy: string | null;
                samples: number;
                severity: "info" | "warning" | "critical";
                threshold: number;
                thresholdText: string;
                triggeredAt: string;
                value: number | null;
                valueText: string | null;
                windowSeconds: number;
                workflow: "open" | "acknowledged" | "resolved";
              }[];
              next: string | null;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/metrics": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              metrics: {
                about: string;
                dimensions: string[];
                labels: boolean;
                max: number | null;
                min: number | null;
                name: string;
                unit: string;
              }[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/silences": {
    get: {
      parameters: {
        query?: {
          after?: string;
          bom?: boolean;
          format?: "json" | "csv";
          limit?: number;
          orgId?: string;
          raw?: boolean;
          state?: "pending" | "active" | "expired" | "unexpired";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              next: string | null;
              silences: {
                createdAt: string;
                createdBy: string;
                endsAt: string | null;
                id: string;
                labels: {
                  [key: string]: string;
                };
                matchingRuleCount: number;
                matchingRules: {
                  id: string;
                  name: string;
                }[];
                name: string | null;
                occurrence: {
                  closesAt: string;
                  opensAt: string;
                } | null;
                orgId: string | null;
                reason: string;
                recurrence: {
                  days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
                  from: string;
                  timezone: string;
                  to: string;
                } | null;
                rules: string[];
                severities: ("info" | "warning" | "critical")[];
                startsAt: string | null;
                state: "pending" | "active" | "expired";
                updatedAt: string;
                updatedBy: string;
                version: number;
              }[];
            };
          };
        };
      };
    };
    post: {
      requestBody: {
        content: {
          "application/json": {
            endsAt?: string | null;
            labels?: {
              [key: string]: string;
            };
            name?: string | null;
            orgId?: string | null;
            reason?: string;
            recurrence?: {
              days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
              from: string;
              timezone: string;
              to: string;
            } | null;
            rules?: string[];
            severities?: ("info" | "warning" | "critical")[];
            startsAt?: string | null;
          } & {
            [key: string]: unknown;
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": {
              createdAt: string;
              createdBy: string;
              endsAt: string | null;
              id: string;
              labels: {
                [key: string]: string;
              };
              matchingRuleCount: number;
              matchingRules: {
                id: string;
                name: string;
              }[];
              name: string | null;
              occurrence: {
                closesAt: string;
                opensAt: string;
              } | null;
              orgId: string | null;
              reason: string;
              recurrence: {
                days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
                from: string;
                timezone: string;
                to: string;
              } | null;
              rules: string[];
              severities: ("info" | "warning" | "critical")[];
              startsAt: string | null;
              state: "pending" | "active" | "expired";
              updatedAt: string;
              updatedBy: string;
              version: number;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/alerts/silences/{id}": {
    get: {
      parameters: {
        path: {
          id: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              createdAt: string;
              createdBy: string;
              endsAt: string | null;
              id: string;
              labels: {
                [key: string]: string;
              };
              matchingRuleCount: number;
              matchingRules: {
                id: string;
                name: string;
              }[];
              name: string | null;
              occurrence: {
                closesAt: string;
                opensAt: string;
              } | null;
              orgId: string | null;
              reason: string;
              recurrence: {
                days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
                from: string;
                timezone: string;
                to: string;
              } | null;
              rules: string[];
              severities: ("info" | "warning" | "critical")[];
              startsAt: string | null;
              state: "pending" | "active" | "expired";
              updatedAt: string;
              updatedBy: string;
              version: number;
            };
          };
        };
      };
    };
    put: {
      parameters: {
        path: {
          id: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            endsAt?: string | null;
            labels?: {
              [key: string]: string;
            };
            name?: string | null;
            reason?: string;
            recurrence?: {
              days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
              from: string;
              timezone: string;
              to: string;
            } | null;
            rules?: string[];
            severities?: ("info" | "warning" | "critical")[];
            startsAt?: string | null;
          } & {
            [key: string]: unknown;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              createdAt: string;
              createdBy: string;
              endsAt: string | null;
              id: string;
              labels: {
                [key: string]: string;
              };
              matchingRuleCount: number;
              matchingRules: {
                id: string;
                name: string;
              }[];
              name: string | null;
              occurrence: {
                closesAt: string;
                opensAt: string;
              } | null;
              orgId: string | null;
              reason: string;
              recurrence: {
                days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
                from: string;
                timezone: string;
                to: string;
              } | null;
              rules: string[];
              severities: ("info" | "warning" | "critical")[];
              startsAt: string | null;
              state: "pending" | "active" | "expired";
              updatedAt: string;
              updatedBy: string;
              version: number;
            };
          };
        };
      };
    };
    delete: {
      parameters: {
        path: {
          id: string;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/api/v1/analytics/audit": {
    get: {
      parameters: {
        query?: {
          action?: string;
          actorId?: string;
          after?: string;
          bom?: boolean;
          end?: string;
          format?: "json" | "csv";
          limit?: number;
          orgId?: string;
          raw?: boolean;
          start?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              entries: {
                action: string;
                actorId: string;
                actorVia: string;
                after: unknown;
                at: string;
                before: unknown;
                id: string;
                orgId: string | null;
                requestId: string;
                route: string;
                subject: string | null;
              }[];
              next: string | null;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/business/collections": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          orgId?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          timezone?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              collections: {
                addsToCart: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                byCurrency: {
                  cancellationsCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  currency: string;
                  grossCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  minorUnitDecimals: number;
                  overRefundedCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  refundsCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  revenueCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  revenueShare: number | null;
                }[];
                conversion: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                name: string;
                products: number;
                purchases: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unitsReturned: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unitsSold: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                views: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              }[];
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              notCompared?: string;
              note?: string;
              orgId: string | null;
              start: string;
              timezone: string;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/business/funnel": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          orgId?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          timezone?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              basis: "sessions" | "events";
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              notCompared?: string;
              note?: string;
              orgId: string | null;
              sessionCoverage: number | null;
              stages: {
                dropOff: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                events: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                notTold?: string;
                reached: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                sessions: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                stage: "visit" | "cart" | "checkout" | "complete";
              }[];
              start: string;
              timezone: string;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/business/overview": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          labels?: {
            [key: string]: string;
          };
          orgId?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          timezone?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              byCurrency: {
                averageOrderCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                cancellationsCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                currency: string;
                grossCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                minorUnitDecimals: number;
                orderValueCents: {
                  max: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  min: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  p50: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  p95: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  p99: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                };
                overRefundedCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                refundsCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                revenueCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              }[];
              cancelledOrders: {
                changePercent: number | null;
                previous: number | null;
                value: number | null;
              };
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              customers: {
                changePercent: number | null;
                previous: number | null;
                value: number | null;
              };
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              notCompared?: string;
              note?: string;
              orders: {
                changePercent: number | null;
                previous: number | null;
                value: number | null;
              };
              ordersWithoutCustomer: {
                changePercent: number | null;
                previous: number | null;
                value: number | null;
              };
              orgId: string | null;
              overRefunds: {
                changePercent: number | null;
                previous: number | null;
                value: number | null;
              };
              refundedOrders: {
                changePercent: number | null;
                previous: number | null;
                value: number | null;
              };
              start: string;
              timezone: string;
              unitsReturned: {
                changePercent: number | null;
                previous: number | null;
                value: number | null;
              };
              unitsSold: {
                changePercent: number | null;
                previous: number | null;
                value: number | null;
              };
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/business/products": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          category?: string;
          collection?: string;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          limit?: number;
          lowStock?: number;
          offset?: number;
          order?: "asc" | "desc";
          orgId?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          sort?: "revenue" | "unitsSold" | "purchases" | "views" | "addsToCart" | "conversion" | "returns" | "stock" | "name" | "sku";
          start?: string;
          stock?: "in_stock" | "low" | "out" | "unknown";
          table?: "products" | "needsAttention";
          timezone?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              inventory: {
                in_stock: number;
                low: number;
                out: number;
                unknown: number;
              };
              needsAttention: {
                name: string | null;
                reasons: {
                  detail: string;
                  reason: "out_of_stock_in_demand" | "low_stock_in_demand" | "many_returns" | "viewed_not_bought" | "falling_sales";
                }[];
                sku: string;
              }[];
              notCompared?: string;
              note?: string;
              orgId: string | null;
              products: {
                addsToCart: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                byCurrency: {
                  cancellationsCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  currency: string;
                  grossCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  minorUnitDecimals: number;
                  overRefundedCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  refundsCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  revenueCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                }[];
                category: string | null;
                collection: string | null;
                conversion: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                name: string | null;
                purchases: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                sku: string;
                stock: {
                  asOf: string | null;
                  quantity: number | null;
                  status: "in_stock" | "low" | "out" | "unknown";
                };
                unitsReturned: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unitsSold: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                views: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              }[];
              start: string;
              timezone: string;
              total: number;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/business/sales": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          breakdown?: string;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          granularity?: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "none";
          labels?: {
            [key: string]: string;
          };
          limit?: number;
          orgId?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          table?: "series" | "totals" | "groups";
          timezone?: string;
          weekStart?: "sunday" | "monday";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              counted: "orders" | "lines";
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
              groups?: {
                name: string | null;
                productName?: string | null;
                rest: boolean;
                series: {
                  bucketStart: string;
                  byCurrency: {
                    cancellationsCents: number;
                    currency: string;
                    grossCents: number;
                    minorUnitDecimals: number;
                    overRefundedCents: number;
                    refundsCents: number;
                    revenueCents: number;
                  }[];
                  cancelled: number;
                  completed: number;
                  partial?: true;
                  previous?: {
                    bucketStart: string;
                    byCurrency: {
                      cancellationsCents: number;
                      currency: string;
                      grossCents: number;
                      minorUnitDecimals: number;
                      overRefundedCents: number;
                      refundsCents: number;
                      revenueCents: number;
                    }[];
                    cancelled: number;
                    completed: number;
                    refunded: number;
                    unitsReturned: number;
                    unitsSold: number;
                  } | null;
                  refunded: number;
                  unitsReturned: number;
                  unitsSold: number;
                }[];
                totals: {
                  byCurrency: {
                    cancellationsCents: {
                      changePercent: number | null;
                      previous: number | null;
                      value: number | null;
                    };
                    currency: string;
                    grossCents: {
                      changePercent: number | null;
                      previous: number | null;
                      value: number | null;
                    };
                    minorUnitDecimals: number;
                    overRefundedCents: {
                      changePercent: number | null;
                      previous: number | null;
                      value: number | null;
                    };
                    refundsCents: {
                      changePercent: number | null;
                      previous: number | null;
                      value: number | null;
                    };
                    revenueCents: {
                      changePercent: number | null;
                      previous: number | null;
                      value: number | null;
                    };
                  }[];
                  cancelled: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  completed: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  refunded: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  unitsReturned: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  unitsSold: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                };
              }[];
              notCompared?: string;
              note?: string;
              orgId: string | null;
              series: {
                bucketStart: string;
                byCurrency: {
                  cancellationsCents: number;
                  currency: string;
                  grossCents: number;
                  minorUnitDecimals: number;
                  overRefundedCents: number;
                  refundsCents: number;
                  revenueCents: number;
                }[];
                cancelled: number;
                completed: number;
                partial?: true;
                previous?: {
                  bucketStart: string;
                  byCurrency: {
                    cancellationsCents: number;
                    currency: string;
                    grossCents: number;
                    minorUnitDecimals: number;
                    overRefundedCents: number;
                    refundsCents: number;
                    revenueCents: number;
                  }[];
                  cancelled: number;
                  completed: number;
                  refunded: number;
                  unitsReturned: number;
                  unitsSold: number;
                } | null;
                refunded: number;
                unitsReturned: number;
                unitsSold: number;
              }[];
              start: string;
              timezone: string;
              totals: {
                byCurrency: {
                  cancellationsCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  currency: string;
                  grossCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  minorUnitDecimals: number;
                  overRefundedCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  refundsCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                  revenueCents: {
                    changePercent: number | null;
                    previous: number | null;
                    value: number | null;
                  };
                }[];
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                completed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                refunded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unitsReturned: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unitsSold: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              };
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/dashboard/summary": {
    get: {
      parameters: {
        query?: {
          compare?: "previous" | "week" | "year";
          end?: string;
          orgId?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          sections?: string;
          start?: string;
          timezone?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              ageSeconds: number;
              asOf: string | null;
              failed: ("usage" | "health" | "ml" | "business" | "alerts")[];
              maxAgeSeconds: number;
              orgId: string | null;
              sections: {
                alerts?: {
                  data: {
                    [key: string]: unknown;
                  };
                  status: "ok";
                  storedAt: string;
                } | {
                  error: {
                    code: "invalid_request" | "invalid_json" | "invalid_events" | "unauthenticated" | "forbidden" | "not_found" | "method_not_allowed" | "conflict" | "request_timeout" | "precondition_failed" | "too_large" | "range_not_satisfiable" | "unsupported_media_type" | "too_many_points" | "range_not_kept" | "rate_limited" | "quota_exceeded" | "overloaded" | "internal" | "delivery_failed" | "unavailable" | "timed_out";
                    detail: string;
                  };
                  status: "failed";
                };
                business?: {
                  data: {
                    [key: string]: unknown;
                  };
                  status: "ok";
                  storedAt: string;
                } | {
                  error: {
                    code: "invalid_request" | "invalid_json" | "invalid_events" | "unauthenticated" | "forbidden" | "not_found" | "method_not_allowed" | "conflict" | "request_timeout" | "precondition_failed" | "too_large" | "range_not_satisfiable" | "unsupported_media_type" | "too_many_points" | "range_not_kept" | "rate_limited" | "quota_exceeded" | "overloaded" | "internal" | "delivery_failed" | "unavailable" | "timed_out";
                    detail: string;
                  };
                  status: "failed";
                };
                health?: {
                  data: {
                    [key: string]: unknown;
                  };
                  status: "ok";
                  storedAt: string;
                } | {
                  error: {
                    code: "invalid_request" | "invalid_json" | "invalid_events" | "unauthenticated" | "forbidden" | "not_found" | "method_not_allowed" | "conflict" | "request_timeout" | "precondition_failed" | "too_large" | "range_not_satisfiable" | "unsupported_media_type" | "too_many_points" | "range_not_kept" | "rate_limited" | "quota_exceeded" | "overloaded" | "internal" | "delivery_failed" | "unavailable" | "timed_out";
                    detail: string;
                  };
                  status: "failed";
                };
                ml?: {
                  data: {
                    [key: string]: unknown;
                  };
                  status: "ok";
                  storedAt: string;
                } | {
                  error: {
                    code: "invalid_request" | "invalid_json" | "invalid_events" | "unauthenticated" | "forbidden" | "not_found" | "method_not_allowed" | "conflict" | "request_timeout" | "precondition_failed" | "too_large" | "range_not_satisfiable" | "unsupported_media_type" | "too_many_points" | "range_not_kept" | "rate_limited" | "quota_exceeded" | "overloaded" | "internal" | "delivery_failed" | "unavailable" | "timed_out";
                    detail: string;
                  };
                  status: "failed";
                };
                usage?: {
                  data: {
                    asOf: string;
                    comparison?: {
                      end: string;
                      note?: string;
                      start: string;
                      with: "previous" | "week" | "year";
                    };
                    end: string;
                    freshness: {
                      asOf: string;
                      lagSeconds: number;
                      lastRollupAt: string | null;
                      status: "fresh" | "stale" | "delayed";
                    };
                    granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
                    largestChanges: {
                      costCents: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      costShare: number | null;
                      costUsd: string;
                      errorRate?: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      inputTokens: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      invocations: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      latencyP95Ms?: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      modelId: string | null;
                      outputTokens: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      rest?: true;
                      unpricedInvocations: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                    }[];
                    models: {
                      costCents: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      costShare: number | null;
                      costUsd: string;
                      errorRate?: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      inputTokens: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      invocations: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      latencyP95Ms?: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      modelId: string | null;
                      outputTokens: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      rest?: true;
                      unpricedInvocations: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                    }[];
                    notCompared?: string;
                    note?: string;
                    orgId: string | null;
                    restModels: number;
                    series: {
                      bucketStart: string;
                      costCents: number;
                      errorRate?: number | null;
                      inputTokens: number;
                      invocations: number;
                      latencyP95Ms?: number | null;
                      outputTokens: number;
                      partial?: true;
                      unpricedInvocations: number;
                    }[];
                    start: string;
                    timezone: string;
                    totals: {
                      costCents: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      costUsd: string;
                      errorRate?: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      inputTokens: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      invocations: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      latencyP95Ms?: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      outputTokens: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                      unpricedInvocations: {
                        changePercent: number | null;
                        previous: number | null;
                        value: number | null;
                      };
                    };
                  };
                  status: "ok";
                  storedAt: string;
                } | {
                  error: {
                    code: "invalid_request" | "invalid_json" | "invalid_events" | "unauthenticated" | "forbidden" | "not_found" | "method_not_allowed" | "conflict" | "request_timeout" | "precondition_failed" | "too_large" | "range_not_satisfiable" | "unsupported_media_type" | "too_many_points" | "range_not_kept" | "rate_limited" | "quota_exceeded" | "overloaded" | "internal" | "delivery_failed" | "unavailable" | "timed_out";
                    detail: string;
                  };
                  status: "failed";
                };
              };
              storedAt: string | null;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/health/api": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          end?: string;
          format?: "json" | "csv";
          groupBy?: string;
          labels?: {
            [key: string]: string;
          };
          limit?: number;
          method?: string;
          offset?: number;
          order?: "asc" | "desc";
          orgId?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          route?: string;
          sort?: "worst" | "requests" | "errorRate" | "clientErrorRate" | "p50" | "p95" | "p99" | "route";
          start?: string;
          timezone?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              note?: string;
              orgId: string | null;
              routes: {
                clientErrorRate: number | null;
                errorRate: number | null;
                errors: {
                  client_error: number;
                  error: number;
                };
                labels?: {
                  [key: string]: string | null;
                };
                latencyMs: {
                  avg: number | null;
                  max: number | null;
                  p50: number | null;
                  p95: number | null;
                  p99: number | null;
                };
                method: string;
                requestRate: number;
                requests: number;
                route: string;
                statusCodes: {
                  [key: string]: number;
                };
              }[];
              source: "rollups";
              start: string;
              timezone: string;
              total: number;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/health/database": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          format?: "json" | "csv";
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          table?: "tables" | "pools" | "slowStatements";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              cache: {
                commits: number;
                deadlocks: number;
                hitRatio: number | null;
                rollbacks: number;
                since: string | null;
                temporaryBytes: number;
              } | null;
              connections: {
                active: number;
                hidden: number;
                idle: number;
                idleInTransaction: number;
                longestTransactionSeconds: number;
                max: number;
                total: number;
                waiting: number;
              } | null;
              latency: {
                probeMs: number;
                queryMs: {
                  p50: number | null;
                  p95: number | null;
                  p99: number | null;
                };
                source: "prometheus" | "scrape" | "process";
                windowSeconds: number;
              };
              missing: {
                part: string;
                reason: string;
              }[];
              pools: {
                active: number;
                idle: number;
                max: number;
                pool: string;
                waiting: number;
              }[];
              replication: {
                replayLagSeconds: number | null;
                replicas: {
                  lagBytes: number | null;
                  lagSeconds: number | null;
                  name: string;
                  state: string | null;
                  syncState: string | null;
                }[];
                role: "primary" | "replica";
              } | null;
              slowStatements: {
                calls: number;
                maxMs: number;
                meanMs: number;
                query: string;
                rows: number;
                totalMs: number;
              }[] | null;
              tables: {
                deadRows: number;
                indexBytes: number;
                partitions: number;
                rows: number;
                table: string;
                tableBytes: number;
              }[] | null;
              totalBytes: number | null;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/health/overview": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          end?: string;
          format?: "json" | "csv";
          labels?: {
            [key: string]: string;
          };
          orgId?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          table?: "overview" | "reasons";
          timezone?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              note?: string;
              orgId: string | null;
              platform: {
                clientErrorRate: number | null;
                errorRate: number | null;
                errors: {
                  client_error: number;
                  error: number;
                };
                latencyMs: {
                  avg: number | null;
                  max: number | null;
                  p50: number | null;
                  p95: number | null;
                  p99: number | null;
                };
                requestRate: number;
                requests: number;
                source: "rollups";
              };
              reasons: {
                code: "platform_failing" | "platform_errors" | "platform_slow" | "service_failing" | "service_errors" | "service_slow" | "process_unreachable" | "rollups_behind";
                message: string;
                status: "ok" | "degraded" | "down";
                threshold: number | null;
                value: number | null;
              }[];
              service: {
                asOf: string;
                errorRate: number | null;
                latencyMs: {
                  p50: number | null;
                  p95: number | null;
                  p99: number | null;
                };
                missing: {
                  part: string;
                  reason: string;
                }[];
                processes: number | null;
                queryMs: {
                  p50: number | null;
                  p95: number | null;
                  p99: number | null;
                };
                requestRate: number | null;
                rollupLagSeconds: number | null;
                source: "prometheus" | "scrape" | "process";
                unreachable: string[];
                uptimeSeconds: number | null;
                windowSeconds: number;
              };
              start: string;
              status: "ok" | "degraded" | "down";
              thresholds: {
                downErrorRate: number;
                errorRate: number;
                latencyP95Ms: number;
                minimumRequests: number;
                windowSeconds: number;
              };
              timezone: string;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/health/pipeline": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              batches: {
                isMore: boolean;
                oldestSeconds: number;
                waiting: number;
              } | null;
              events: {
                mostPerProcess: number;
                waiting: number;
              } | null;
              missing: {
                part: string;
                reason: string;
              }[];
              outbox: {
                channel: string;
                dead: number;
                oldestSeconds: number;
                waiting: number;
              }[] | null;
              rabbitmq: {
                backlog: number;
                consumers: {
                  processes: number;
                  state: string;
                }[];
                deadLetters: number;
                held: number;
              } | null;
              source: "prometheus" | "scrape" | "process";
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/health/reconciliation": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              last: {
                bookedDays: number;
                drifts: {
                  count: number;
                  grain: "minute" | "quarter_hour" | "hour" | "day" | "week";
                  type: string;
                }[];
                end: string;
                endedAt: string;
                reconciles: boolean;
                rowsCompared: number;
                seconds: number;
                start: string;
                startedBy: "schedule" | "command";
              } | null;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/health/timeseries": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          end?: string;
          format?: "json" | "csv";
          granularity?: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "none";
          groupBy?: string;
          labels?: {
            [key: string]: string;
          };
          method?: string;
          metric?: "requests" | "request_rate" | "errors" | "error_rate" | "client_errors" | "client_error_rate" | "latency_avg" | "latency_p50" | "latency_p95" | "latency_p99" | "latency_max";
          orgId?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          route?: string;
          start?: string;
          timezone?: string;
          weekStart?: "sunday" | "monday";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
              metric: "requests" | "request_rate" | "errors" | "error_rate" | "client_errors" | "client_error_rate" | "latency_avg" | "latency_p50" | "latency_p95" | "latency_p99" | "latency_max";
              note?: string;
              orgId: string | null;
              restGroups: number;
              series: {
                bucketStart: string;
                labels?: {
                  [key: string]: string | null;
                };
                partial?: true;
                rest?: true;
                value: number | null;
              }[];
              source: "rollups";
              start: string;
              timezone: string;
              total: number | null;
              unit: string;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/ml/3d": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          granularity?: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "none";
          groupBy?: string;
          labels?: {
            [key: string]: string;
          };
          orgId?: string;
          provider?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          table?: "series" | "groups" | "errors" | "totals";
          timezone?: string;
          weekStart?: "sunday" | "monday";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              costsBySource: {
                given: {
                  costCents: number | null;
                  jobs: number;
                };
                none: {
                  costCents: number | null;
                  jobs: number;
                };
                table: {
                  costCents: number | null;
                  jobs: number;
                };
              };
              end: string;
              errors: {
                code: string | null;
                jobs: number;
                status: string;
              }[];
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
              groupBy: string;
              groups: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costShare: number | null;
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                name: string | null;
                rest?: true;
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              }[];
              notCompared?: string;
              note?: string;
              orgId: string | null;
              otherErrors: number;
              series: {
                bucketStart: string;
                cancelled: number | null;
                costCents: number | null;
                costPerSuccessCents: number | null;
                durationAvgMs: number | null;
                durationP50Ms: number | null;
                durationP95Ms: number | null;
                durationP99Ms: number | null;
                failed: number | null;
                jobs: number | null;
                partial?: true;
                succeeded: number | null;
                successRate: number | null;
                unpricedJobs: number | null;
              }[];
              start: string;
              timezone: string;
              totals: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              };
              unknownFilters: string[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/ml/assets": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          granularity?: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "none";
          groupBy?: string;
          labels?: {
            [key: string]: string;
          };
          orgId?: string;
          provider?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          table?: "series" | "groups" | "errors" | "totals";
          timezone?: string;
          weekStart?: "sunday" | "monday";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              costsBySource: {
                given: {
                  costCents: number | null;
                  jobs: number;
                };
                none: {
                  costCents: number | null;
                  jobs: number;
                };
                table: {
                  costCents: number | null;
                  jobs: number;
                };
              };
              end: string;
              errors: {
                code: string | null;
                jobs: number;
                status: string;
              }[];
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
              groupBy: string;
              groups: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costShare: number | null;
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                name: string | null;
                rest?: true;
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              }[];
              notCompared?: string;
              note?: string;
              orgId: string | null;
              otherErrors: number;
              series: {
                bucketStart: string;
                cancelled: number | null;
                costCents: number | null;
                costPerSuccessCents: number | null;
                durationAvgMs: number | null;
                durationP50Ms: number | null;
                durationP95Ms: number | null;
                durationP99Ms: number | null;
                failed: number | null;
                jobs: number | null;
                partial?: true;
                succeeded: number | null;
                successRate: number | null;
                unpricedJobs: number | null;
              }[];
              start: string;
              timezone: string;
              totals: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              };
              unknownFilters: string[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/ml/descriptions": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          granularity?: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "none";
          groupBy?: string;
          labels?: {
            [key: string]: string;
          };
          orgId?: string;
          provider?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          table?: "series" | "groups" | "errors" | "totals";
          timezone?: string;
          weekStart?: "sunday" | "monday";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              costsBySource: {
                given: {
                  costCents: number | null;
                  jobs: number;
                };
                none: {
                  costCents: number | null;
                  jobs: number;
                };
                table: {
                  costCents: number | null;
                  jobs: number;
                };
              };
              end: string;
              errors: {
                code: string | null;
                jobs: number;
                status: string;
              }[];
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
              groupBy: string;
              groups: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costShare: number | null;
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                name: string | null;
                rest?: true;
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              }[];
              notCompared?: string;
              note?: string;
              orgId: string | null;
              otherErrors: number;
              series: {
                bucketStart: string;
                cancelled: number | null;
                costCents: number | null;
                costPerSuccessCents: number | null;
                durationAvgMs: number | null;
                durationP50Ms: number | null;
                durationP95Ms: number | null;
                durationP99Ms: number | null;
                failed: number | null;
                jobs: number | null;
                partial?: true;
                succeeded: number | null;
                successRate: number | null;
                unpricedJobs: number | null;
              }[];
              start: string;
              timezone: string;
              totals: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              };
              unknownFilters: string[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/ml/overview": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          granularity?: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "none";
          groupBy?: string;
          labels?: {
            [key: string]: string;
          };
          orgId?: string;
          pipeline?: string;
          provider?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          table?: "series" | "groups" | "errors" | "totals";
          timezone?: string;
          weekStart?: "sunday" | "monday";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              costsBySource: {
                given: {
                  costCents: number | null;
                  jobs: number;
                };
                none: {
                  costCents: number | null;
                  jobs: number;
                };
                table: {
                  costCents: number | null;
                  jobs: number;
                };
              };
              end: string;
              errors: {
                code: string | null;
                jobs: number;
                status: string;
              }[];
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
              groupBy: string;
              groups: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costShare: number | null;
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                name: string | null;
                rest?: true;
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              }[];
              notCompared?: string;
              note?: string;
              orgId: string | null;
              otherErrors: number;
              series: {
                bucketStart: string;
                cancelled: number | null;
                costCents: number | null;
                costPerSuccessCents: number | null;
                durationAvgMs: number | null;
                durationP50Ms: number | null;
                durationP95Ms: number | null;
                durationP99Ms: number | null;
                failed: number | null;
                jobs: number | null;
                partial?: true;
                succeeded: number | null;
                successRate: number | null;
                unpricedJobs: number | null;
              }[];
              start: string;
              timezone: string;
              totals: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              };
              unknownFilters: string[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/ml/prices": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              prices: {
                centsPerJob: number | null;
                centsPerMillionInputTokens: number | null;
                centsPerMillionOutputTokens: number | null;
                centsPerSecond: number | null;
                changedAt: string;
                changedBy: string;
                effectiveFrom: string;
                effectiveTo: string | null;
                id: number;
                operation: string | null;
                pipeline: string | null;
                provider: string;
              }[];
            };
          };
        };
      };
    };
    post: {
      requestBody: {
        content: {
          "application/json": {
            centsPerJob?: number | null;
            centsPerMillionInputTokens?: number | null;
            centsPerMillionOutputTokens?: number | null;
            centsPerSecond?: number | null;
            effectiveFrom: string;
            effectiveTo?: string | null;
            operation?: string | null;
            pipeline?: string | null;
            provider: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              change: "added" | "changed" | "unchanged";
              price: {
                centsPerJob: number | null;
                centsPerMillionInputTokens: number | null;
                centsPerMillionOutputTokens: number | null;
                centsPerSecond: number | null;
                changedAt: string;
                changedBy: string;
                effectiveFrom: string;
                effectiveTo: string | null;
                id: number;
                operation: string | null;
                pipeline: string | null;
                provider: string;
              };
            };
          };
        };
        201: {
          content: {
            "application/json": {
              change: "added" | "changed" | "unchanged";
              price: {
                centsPerJob: number | null;
                centsPerMillionInputTokens: number | null;
                centsPerMillionOutputTokens: number | null;
                centsPerSecond: number | null;
                changedAt: string;
                changedBy: string;
                effectiveFrom: string;
                effectiveTo: string | null;
                id: number;
                operation: string | null;
                pipeline: string | null;
                provider: string;
              };
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/ml/prices/{priceId}": {
    delete: {
      parameters: {
        path: {
          priceId: number;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/api/v1/analytics/ml/providers": {
    get: {
      parameters: {
        query?: {
          bom?: boolean;
          compare?: "previous" | "week" | "year";
          end?: string;
          format?: "json" | "csv";
          granularity?: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "none";
          groupBy?: string;
          labels?: {
            [key: string]: string;
          };
          orgId?: string;
          pipeline?: string;
          provider?: string;
          range?: "1h" | "24h" | "7d" | "30d";
          raw?: boolean;
          start?: string;
          table?: "series" | "groups" | "errors" | "totals";
          timezone?: string;
          weekStart?: "sunday" | "monday";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asOf: string;
              comparison?: {
                end: string;
                note?: string;
                start: string;
                with: "previous" | "week" | "year";
              };
              costsBySource: {
                given: {
                  costCents: number | null;
                  jobs: number;
                };
                none: {
                  costCents: number | null;
                  jobs: number;
                };
                table: {
                  costCents: number | null;
                  jobs: number;
                };
              };
              end: string;
              errors: {
                code: string | null;
                jobs: number;
                status: string;
              }[];
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              granularity: "minute" | "quarter_hour" | "hour" | "day" | "week" | "month" | "whole";
              groupBy: string;
              groups: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costShare: number | null;
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                name: string | null;
                rest?: true;
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              }[];
              notCompared?: string;
              note?: string;
              orgId: string | null;
              otherErrors: number;
              series: {
                bucketStart: string;
                cancelled: number | null;
                costCents: number | null;
                costPerSuccessCents: number | null;
                durationAvgMs: number | null;
                durationP50Ms: number | null;
                durationP95Ms: number | null;
                durationP99Ms: number | null;
                failed: number | null;
                jobs: number | null;
                partial?: true;
                succeeded: number | null;
                successRate: number | null;
                unpricedJobs: number | null;
              }[];
              start: string;
              timezone: string;
              totals: {
                cancelled: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                costPerSuccessCents: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationAvgMs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP50Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP95Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                durationP99Ms: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                failed: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                jobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                succeeded: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                successRate: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
                unpricedJobs: {
                  changePercent: number | null;
                  previous: number | null;
                  value: number | null;
                };
              };
              unknownFilters: string[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/model-prices": {
    get: {
      parameters: {
        query?: {
          after?: string;
          limit?: number;
          model?: string;
          provider?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              next: string | null;
              prices: {
                changedAt: string;
                changedBy: string;
                effectiveFrom: string;
                effectiveTo: string | null;
                id: number;
                model: string;
                provider: string;
                serviceTier: string | null;
                tiers: {
                  aboveInputTokens: number;
                  usdPerMillionCacheReadTokens: number | null;
                  usdPerMillionCacheWriteTokens: number | null;
                  usdPerMillionInputTokens: number | null;
                  usdPerMillionOutputTokens: number | null;
                  usdPerMillionReasoningTokens: number | null;
                }[];
                usdPerCall: number | null;
                usdPerMillionCacheReadTokens: number | null;
                usdPerMillionCacheWriteTokens: number | null;
                usdPerMillionInputTokens: number | null;
                usdPerMillionOutputTokens: number | null;
                usdPerMillionReasoningTokens: number | null;
              }[];
            };
          };
        };
      };
    };
    post: {
      requestBody: {
        content: {
          "application/json": {
            effectiveFrom: string;
            effectiveTo?: string | null;
            model: string;
            provider: string;
            serviceTier?: string | null;
            tiers?: {
              aboveInputTokens: number;
              usdPerMillionCacheReadTokens?: number | null;
              usdPerMillionCacheWriteTokens?: number | null;
              usdPerMillionInputTokens?: number | null;
              usdPerMillionOutputTokens?: number | null;
              usdPerMillionReasoningTokens?: number | null;
            }[];
            usdPerCall?: number | null;
            usdPerMillionCacheReadTokens?: number | null;
            usdPerMillionCacheWriteTokens?: number | null;
            usdPerMillionInputTokens?: number | null;
            usdPerMillionOutputTokens?: number | null;
            usdPerMillionReasoningTokens?: number | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              change: "added" | "changed" | "unchanged";
              price: {
                changedAt: string;
                changedBy: string;
                effectiveFrom: string;
                effectiveTo: string | null;
                id: number;
                model: string;
                provider: string;
                serviceTier: string | null;
                tiers: {
                  aboveInputTokens: number;
                  usdPerMillionCacheReadTokens: number | null;
                  usdPerMillionCacheWriteTokens: number | null;
                  usdPerMillionInputTokens: number | null;
                  usdPerMillionOutputTokens: number | null;
                  usdPerMillionReasoningTokens: number | null;
                }[];
                usdPerCall: number | null;
                usdPerMillionCacheReadTokens: number | null;
                usdPerMillionCacheWriteTokens: number | null;
                usdPerMillionInputTokens: number | null;
                usdPerMillionOutputTokens: number | null;
                usdPerMillionReasoningTokens: number | null;
              };
            };
          };
        };
        201: {
          content: {
            "application/json": {
              change: "added" | "changed" | "unchanged";
              price: {
                changedAt: string;
                changedBy: string;
                effectiveFrom: string;
                effectiveTo: string | null;
                id: number;
                model: string;
                provider: string;
                serviceTier: string | null;
                tiers: {
                  aboveInputTokens: number;
                  usdPerMillionCacheReadTokens: number | null;
                  usdPerMillionCacheWriteTokens: number | null;
                  usdPerMillionInputTokens: number | null;
                  usdPerMillionOutputTokens: number | null;
                  usdPerMillionReasoningTokens: number | null;
                }[];
                usdPerCall: number | null;
                usdPerMillionCacheReadTokens: number | null;
                usdPerMillionCacheWriteTokens: number | null;
                usdPerMillionInputTokens: number | null;
                usdPerMillionOutputTokens: number | null;
                usdPerMillionReasoningTokens: number | null;
              };
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/model-prices/{priceId}": {
    delete: {
      parameters: {
        path: {
          priceId: number;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/api/v1/analytics/model-prices/aliases": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              aliases: {
                asModel: string | null;
                asProvider: string;
                changedAt: string;
                changedBy: string;
                id: number;
                model: string | null;
                provider: string;
              }[];
            };
          };
        };
      };
    };
    post: {
      requestBody: {
        content: {
          "application/json": {
            asModel?: string | null;
            asProvider: string;
            model?: string | null;
            provider: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              asModel: string | null;
              asProvider: string;
              changedAt: string;
              changedBy: string;
              id: number;
              model: string | null;
              provider: string;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/model-prices/aliases/{aliasId}": {
    delete: {
      parameters: {
        path: {
          aliasId: number;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/api/v1/analytics/model-prices/unpriced": {
    get: {
      parameters: {
        query?: {
          after?: string;
          bom?: boolean;
          days?: number;
          format?: "json" | "csv";
          limit?: number;
          orgId?: string;
          raw?: boolean;
          table?: "models" | "totals";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              end: string;
              freshness: {
                asOf: string;
                lagSeconds: number;
                lastRollupAt: string | null;
                status: "fresh" | "stale" | "delayed";
              };
              models: {
                hasPrice: boolean;
                inputTokens: number;
                lastAt: string;
                modelId: string;
                outputTokens: number;
                provider: string | null;
                serviceTier: string | null;
                since: string;
                unpricedInvocations: number;
                withoutUsage: number;
              }[];
              next: string | null;
              orgId: string | null;
              start: string;
              totals: {
                models: number;
                unpricedInvocations: number;
              };
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/notifications": {
    get: {
      parameters: {
        query?: {
          before?: string;
          limit?: number;
          orgId?: string;
          unread?: boolean;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              next: string | null;
              notifications: {
                createdAt: string;
                id: string;
                notice: {
                  actorId: string | null;
                  alertId: string;
                  at: string;
                  baseline: number | null;
                  configId: string;
                  description?: string;
                  expression?: string;
                  filters?: {
                    [key: string]: string;
                  };
                  group: {
                    [key: string]: string;
                  };
                  kind: "firing" | "still_firing" | "escalated" | "escalation_step" | "acknowledged" | "unacknowledged" | "resolved" | "test" | "month_closed" | "month_failed" | "rule_failing" | "rule_evaluated";
                  measuredAt: string;
                  metric: string;
                  month?: {
                    corrections: number | null;
                    dataset: string;
                    failure: string | null;
                    failures: number;
                    jobId: string | null;
                    period: string;
                    revision: number | null;
                    rows: number | null;
                    schedule: string;
                  };
                  name: string;
                  note: string | null;
                  orgId: string | null;
                  reason: string;
                  recoveryThreshold: number | null;
                  runbookUrl?: string;
                  sampleCount: number | null;
                  severity: "info" | "warning" | "critical";
                  startedAt: string;
                  threshold: number;
                  type: string;
                  unit: string;
                  value: number | null;
                  windowSeconds: number;
                };
                readAt: string | null;
              }[];
              unread: number;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/notifications/channels/{channel}/test": {
    post: {
      parameters: {
        query?: {
          orgId?: string;
        };
        path: {
          channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
        };
      };
      requestBody: {
        content: {
          "application/json": {
            to: string;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              delivered: true;
              providerId: string | null;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/notifications/deliveries": {
    get: {
      parameters: {
        query?: {
          alertId?: string;
          before?: string;
          channel?: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
          limit?: number;
          orgId?: string;
          status?: "waiting" | "leased" | "sent" | "dead" | "cancelled" | "expanded";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              deliveries: {
                alertId: string | null;
                ambiguous: boolean;
                attempts: number;
                channel: "email" | "slack" | "in_app" | "sms" | "webhook" | "pagerduty" | "teams" | "discord";
                detectedAt: string;
                diedAt: string | null;
                failure: string | null;
                id: string;
                kind: string;
                notBefore: string;
                orgId: string | null;
                providerId: string | null;
                recipient: string;
                sentAt: string | null;
                severity: "info" | "warning" | "critical";
                standsInFor: string | null;
                status: "waiting" | "leased" | "sent" | "dead" | "cancelled" | "expanded";
              }[];
              next: string | null;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/notifications/deliveries/{id}/replay": {
    post: {
      parameters: {
        path: {
          id: string;
        };
      };
      responses: {
        202: {
          content: {
            "application/json": {
              id: string;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/notifications/preferences": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              preferences: {
                channels: {
                  critical: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
                  info: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
                  warning: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
                };
                discord: string | null;
                email: string | null;
                id: string;
                kind: "user" | "team";
                orgId: string;
                pagerduty: string | null;
                phone: string | null;
                quietHours: {
                  from: string;
                  timezone: string;
                  to: string;
                } | null;
                slack: string | null;
                teams: string | null;
                timezone: string | null;
                updatedAt: string;
                updatedBy: string;
                version: number;
                webhook: string | null;
              }[];
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/notifications/preferences/{kind}/{id}": {
    get: {
      parameters: {
        query?: {
          orgId?: string;
        };
        path: {
          id: string;
          kind: "users" | "teams";
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              channels: {
                critical: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
                info: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
                warning: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
              };
              discord: string | null;
              email: string | null;
              id: string;
              kind: "user" | "team";
              orgId: string;
              pagerduty: string | null;
              phone: string | null;
              quietHours: {
                from: string;
                timezone: string;
                to: string;
              } | null;
              slack: string | null;
              teams: string | null;
              timezone: string | null;
              updatedAt: string;
              updatedBy: string;
              version: number;
              webhook: string | null;
            };
          };
        };
      };
    };
    put: {
      parameters: {
        query?: {
          orgId?: string;
        };
        path: {
          id: string;
          kind: "users" | "teams";
        };
      };
      requestBody: {
        content: {
          "application/json": {
            channels?: {
              critical: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
              info: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
              warning: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
            };
            discord?: string | null;
            email?: string | null;
            pagerduty?: string | null;
            phone?: string | null;
            quietHours?: {
              from: string;
              timezone: string;
              to: string;
            } | null;
            slack?: string | null;
            teams?: string | null;
            timezone?: string | null;
            webhook?: string | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              channels: {
                critical: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
                info: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
                warning: ("email" | "slack" | "sms" | "webhook" | "pagerduty" | "teams" | "discord")[];
              };
              discord: string | null;
              email: string | null;
              id: string;
              kind: "user" | "team";
              orgId: string;
              pagerduty: string | null;
              phone: string | null;
              quietHours: {
                from: string;
                timezone: string;
                to: string;
              } | null;
              slack: string | null;
              teams: string | null;
              timezone: string | null;
              updatedAt: string;
              updatedBy: string;
              version: number;
              webhook: string | null;
            };
          };
        };
      };
    };
    delete: {
      parameters: {
        query?: {
          orgId?: string;
        };
        path: {
          id: string;
          kind: "users" | "teams";
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/api/v1/analytics/notifications/read": {
    post: {
      parameters: {
        query?: {
          orgId?: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            ids: string[];
          } | {
            all: true;
          };
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              read: number;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/notifications/webhooks": {
    get: {
      parameters: {
        query?: {
          orgId?: string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              webhooks: {
                createdAt: string;
                createdBy: string;
                kind: "webhook" | "pagerduty" | "teams" | "discord";
                name: string;
                orgId: string;
                url: string;
              }[];
            };
          };
        };
      };
    };
    post: {
      parameters: {
        query?: {
          orgId?: string;
        };
      };
      requestBody: {
        content: {
          "application/json": {
            kind?: "webhook" | "pagerduty" | "teams" | "discord";
            name: string;
            routingKey?: string;
            url?: string;
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": {
              createdAt: string;
              createdBy: string;
              kind: "webhook" | "pagerduty" | "teams" | "discord";
              name: string;
              orgId: string;
              secret: string | null;
              url: string;
            };
          };
        };
      };
    };
  };
  "/api/v1/analytics/notifications/webhooks/{name}": {
    delete: {
      parameters: {
        query?: {
          orgId?: string;
        };
        path: {
          name: string;
        };
      };
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/console/session": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              actor: string;
              expiresAt: string;
              name: string;
              orgs: string[];
              roles: ("admin" | "org_admin" | "engineer" | "finance" | "business_viewer" | "ingest")[];
              via: "oidc" | "jwt" | "api_key" | "login_link";
            };
          };
        };
      };
    };
    post: {
      requestBody: {
        content: {
          "application/json": {
            apiKey?: string;
            code?: string;
            token?: string;
          };
        };
      };
      responses: {
        201: {
          content: {
            "application/json": {
              actor: string;
              expiresAt: string;
              name: string;
              orgs: string[];
              roles: ("admin" | "org_admin" | "engineer" | "finance" | "business_viewer" | "ingest")[];
              via: "oidc" | "jwt" | "api_key" | "login_link";
            };
          };
        };
      };
    };
    delete: {
      responses: {
        204: {
          content?: never;
        };
      };
    };
  };
  "/console/sign-in": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              code: boolean;
              oidc: {
                label: string;
              } | null;
              tokens: boolean;
            };
          };
        };
      };
    };
  };
  "/ingest/litellm": {
    post: {
      requestBody: {
        content: {
          "application/json": (Record<string, never> | null)[];
          "application/x-ndjson": string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              conflicts: number;
              duplicates: number;
              errors: {
                code: string;
                detail: string;
                eventId: string | null;
                index: number;
              }[];
              received: number;
              rejected: number;
              skipped: number;
              stored: number;
              warnings?: {
                detail: string;
                events: number;
                field: string;
                firstIndex: number;
              }[];
            };
          };
        };
      };
    };
  };
  "/metrics": {
    get: {
      responses: {
        200: {
          content: {
            "text/plain": string;
          };
        };
      };
    };
  };
  "/metrics/orgs": {
    get: {
      responses: {
        200: {
          content: {
            "text/plain": string;
          };
        };
      };
    };
  };
  "/openapi.json": {
    get: {
      responses: {
        200: {
          content: {
            "application/json": {
              [key: string]: unknown;
            };
          };
        };
      };
    };
  };
  "/v1/logs": {
    post: {
      requestBody: {
        content: {
          "application/json": Record<string, never>;
          "application/x-protobuf": string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              partialSuccess?: {
                errorMessage?: string;
                rejectedLogRecords?: string;
              };
            };
          };
        };
      };
    };
  };
  "/v1/metrics": {
    post: {
      requestBody: {
        content: {
          "application/json": Record<string, never>;
          "application/x-protobuf": string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              partialSuccess?: {
                errorMessage?: string;
              };
            };
          };
        };
      };
    };
  };
  "/v1/traces": {
    post: {
      requestBody: {
        content: {
          "application/json": Record<string, never>;
          "application/x-protobuf": string;
        };
      };
      responses: {
        200: {
          content: {
            "application/json": {
              partialSuccess?: {
                errorMessage?: string;
                rejectedSpans?: string;
              };
            };
          };
        };
      };
    };
  };
}
export interface components {
  schemas: {
    CloudEvent: {
      data: Record<string, never>;
      id: string;
      source: string;
      specversion: "1.0";
      subject?: string;
      time?: string | number;
      type: "usage" | "api_request" | "ml_job" | "order" | "storefront" | "inventory" | "error";
    };
    Event: {
      actorId?: string;
      cachedInputTokens?: number;
      cacheWriteInputTokens?: number;
      clientId?: string;
      correlationId?: string;
      costEstimateCents?: number;
      costUsd?: number;
      errorCode?: string;
      eventId: string;
      inputTokens?: number;
      labels?: {
        [key: string]: string | null;
      };
      latencyMs?: number;
      metadata?: {
        [key: string]: string | number | boolean | null;
      };
      modelId: string;
      occurredAt: string | number;
      orgId: string;
      outputTokens?: number;
      provider?: string;
      reasoningTokens?: number;
      serviceTier?: string;
      status: "success" | "error" | "timeout" | "throttled";
      timeToFirstTokenMs?: number;
      type?: "usage";
    } | {
      actorId?: string;
      clientId?: string;
      correlationId?: string;
      durationMs: number;
      eventId: string;
      labels?: {
        [key: string]: string | null;
      };
      metadata?: {
        [key: string]: string | number | boolean | null;
      };
      method: string;
      occurredAt: string | number;
      orgId: string;
      route: string;
      statusCode: number;
      type: "api_request";
    } | {
      actorId?: string;
      correlationId?: string;
      costCents?: number;
      costUsd?: number;
      durationMs: number;
      errorCode?: string;
      eventId: string;
      inputTokens?: number;
      labels?: {
        [key: string]: string | null;
      };
      metadata?: {
        [key: string]: string | number | boolean | null;
      };
      occurredAt: string | number;
      operation?: string;
      orgId: string;
      outputTokens?: number;
      pipeline: string;
      provider: string;
      status: "success" | "error" | "timeout" | "throttled" | "cancelled";
      type: "ml_job";
    } | {
      actorId?: string;
      amountCents?: number;
      channel?: string;
      correlationId?: string;
      currency: string;
      customerId?: string;
      eventId: string;
      items?: {
        appliesTo?: string;
        category?: string;
        collection?: string;
        name: string;
        priceCents: number;
        quantity: number;
        sku: string;
      }[];
      labels?: {
        [key: string]: string | null;
      };
      metadata?: {
        [key: string]: string | number | boolean | null;
      };
      occurredAt: string | number;
      orderId: string;
      orgId: string;
      sessionId?: string;
      shippingCents?: number;
      status: "completed" | "cancelled" | "refunded";
      taxCents?: number;
      type: "order";
    } | {
      actorId?: string;
      collection?: string;
      correlationId?: string;
      eventId: string;
      metadata?: {
        [key: string]: string | number | boolean | null;
      };
      occurredAt: string | number;
      orgId: string;
      sessionId?: string;
      sku?: string;
      stage: "visit" | "product_view" | "add_to_cart" | "checkout";
      type: "storefront";
    } | {
      actorId?: string;
      correlationId?: string;
      eventId: string;
      metadata?: {
        [key: string]: string | number | boolean | null;
      };
      occurredAt: string | number;
      orgId: string;
      quantity: number;
      sku: string;
      type: "inventory";
    } | {
      actorId?: string;
      code: string;
      correlationId?: string;
      eventId: string;
      message: string;
      metadata?: {
        [key: string]: string | number | boolean | null;
      };
      occurredAt: string | number;
      orgId: string;
      service: string;
      severity: "debug" | "info" | "warning" | "error" | "critical";
      type: "error";
    };
    Problem: {
      code: "invalid_request" | "invalid_json" | "invalid_events" | "unauthenticated" | "forbidden" | "not_found" | "method_not_allowed" | "conflict" | "request_timeout" | "precondition_failed" | "too_large" | "range_not_satisfiable" | "unsupported_media_type" | "too_many_points" | "range_not_kept" | "rate_limited" | "quota_exceeded" | "overloaded" | "internal" | "delivery_failed" | "unavailable" | "timed_out";
      detail: string;
      errors: {
        message: string;
        path: string;
      }[];
      instance: string;
      requestId: string;
      status: number;
      title: string;
      type: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
