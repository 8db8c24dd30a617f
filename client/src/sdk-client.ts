import type { Call } from './call.ts';

/** The promise of a request, as the SDKs of OpenAI and Anthropic return it. */
export interface SdkPromise<Data> extends Promise<Data> {
  _thenUnwrap<Other>(transform: (data: Data) => Other): SdkPromise<Other>;
  asResponse(): Promise<Response>;
  /** Reads the body, once, for everything that needs the data. */
  parse(): Promise<Data>;
}

/** A stream of the SDKs: every way to read it begins with `iterator`. */
export interface SdkStream<Chunk> {
  iterator: () => AsyncIterator<Chunk>;
}

type Method = (...parameters: unknown[]) => unknown;
/** Wraps a method: `send` is the original one, bound to its owner. */
export type Observe = (send: Method, parameters: unknown[]) => unknown;

/**
 * The client with some of its methods observed; all else is the client's own. Helpers of the SDK that send through an
 * observed method are observed with it.
 * @param methods by path, such as `chat.completions.create`
 */
export function observeClient<Client extends object>(
  client: Client,
  methods: Readonly<Record<string, Observe>>,
): Client {
  const paths = Object.keys(methods);
  const proxies = new Map<object, object>();

  const proxyOf = (target: object, path: string): object => {
    const known = proxies.get(target);
    if (known) return known;
    const proxy: object = new Proxy(target, {
      get(_, name) {
        if (name === '_client' && path !== '') return root;
        const value: unknown = Reflect.get(target, name, target);
        if (typeof name === 'symbol') return value;
        const own = `${path}${name}`;
        if (typeof value === 'function') return method(target, own, value as Method);
        const leads = paths.some((each) => each.startsWith(`${own}.`));
        return leads && typeof value === 'object' && value !== null ? proxyOf(value, `${own}.`) : value;
      },
    });
    proxies.set(target, proxy);
    return proxy;
  };

  const method = (target: object, path: string, value: Method): unknown => {
    const observe = methods[path];
    if (observe) return (...parameters: unknown[]) => observe(value.bind(target), parameters);
    if (path === 'withOptions')
      return (...parameters: unknown[]) => observeClient(value.apply(target, parameters) as object, methods);
    // Methods of the client itself use private fields, which a proxy does not have.
    return path.includes('.') ? value : value.bind(target);
  };

  const root = proxyOf(client, '');
  return root as Client;
}

/**
 * The same promise, which tells `call` of the answer when the caller reads it, and of a failure in any case.
 * @param onData reads the data, or watches it if it is a stream
 */
export function observePromise<Data>(
  sent: SdkPromise<Data>,
  call: Call,
  onData: (data: Data) => void,
): SdkPromise<Data> {
  const notice = (data: Data) => {
    try {
      onData(data);
    } catch {
      // Of a shape that tells nothing.
      call.succeed();
    }
  };
  if (typeof (sent as SdkPromise<Data> | undefined)?._thenUnwrap !== 'function') {
    // A stand-in for the SDK, as applications have it in their tests.
    Promise.resolve(sent).then(notice, (error: unknown) => call.fail(error));
    return sent;
  }
  sent.asResponse().catch((error: unknown) => call.fail(error));
  const observed = sent._thenUnwrap((data) => {
    notice(data);
    return data;
  });
  let parsed = false;
  const parse = observed.parse.bind(observed);
  observed.parse = () => {
    parsed = true;
    const reading = parse();
    reading.catch((error: unknown) => call.fail(error));
    return reading;
  };
  observed.asResponse = async () => {
    const response = await sent.asResponse();
    // The caller reads the body. Its tokens are unknown to us.
    if (!parsed) call.succeed();
    return response;
  };
  return observed;
}
