import { useQuery } from '@tanstack/react-query';
import { meQuery } from './shared-queries.ts';

type Capability =
  | 'events:write'
  | 'exports:write'
  | 'keys:manage'
  | 'prices:manage'
  | 'audit:read'
  | 'alerts:read'
  | 'alerts:write';

/** Whether we may do this. Until it is known, we may not. */
export function useMay(capability: Capability): boolean {
  const { data } = useQuery(meQuery);
  return data?.capabilities.some((one) => one === capability) ?? false;
}
