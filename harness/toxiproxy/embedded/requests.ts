import { badRequestBody, invalidStream, invalidToxicType, missingField } from './api-error.ts';
import { decodeFields, decodeFirst, type Field, type Fields } from './go-json.ts';
import type { Proxy } from './proxy.ts';
import type { ProxySpec } from './registry.ts';
import { type Direction, Toxic } from './toxic.ts';
import type { ToxicType } from './toxics/toxic-type.ts';
import { toxicTypeOf } from './toxics/toxic-types.ts';

const PROXY_FIELDS: Readonly<Record<string, Field>> = {
  name: { kind: 'string', path: 'Proxy.name', goType: 'string' },
  listen: { kind: 'string', path: 'Proxy.listen', goType: 'string' },
  upstream: { kind: 'string', path: 'Proxy.upstream', goType: 'string' },
  enabled: { kind: 'bool', path: 'Proxy.enabled', goType: 'bool' },
};
const PROXY_TYPE = 'toxiproxy.Proxy';
const PROXIES_TYPE = '[]struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }';

const TOXIC_FIELDS: Readonly<Record<string, Field>> = {
  name: { kind: 'string', path: 'ToxicWrapper.name', goType: 'string' },
  type: { kind: 'string', path: 'ToxicWrapper.type', goType: 'string' },
  stream: { kind: 'string', path: 'ToxicWrapper.stream', goType: 'string' },
  toxicity: { kind: 'float', path: 'ToxicWrapper.toxicity', goType: 'float32' },
  attributes: { kind: 'object', path: 'ToxicWrapper.attributes', goType: 'toxics.NoopToxic' },
};
const TOXIC_TYPE = 'toxics.ToxicWrapper';

/** The body of POST /proxies. @throws ApiError 400 */
export function readProxy(body: string): ProxySpec {
  const fields = decodeFields(decodeFirst(body), PROXY_FIELDS, PROXY_TYPE);
  const spec = specOf(fields, { listen: '', upstream: '', enabled: true });
  if (spec.name === '') throw missingField('name');
  if (spec.upstream === '') throw missingField('upstream');
  return spec;
}

/** The body of a change: what it does not name stays, and the name stays always. @throws ApiError 400 */
export function readProxyChange(body: string, { listen, upstream, isEnabled: enabled }: Proxy): ProxySpec {
  const fields = decodeFields(decodeFirst(body), PROXY_FIELDS, PROXY_TYPE);
  return specOf(fields, { listen, upstream, enabled });
}

/** The body of POST /populate, and a file of proxies. @throws ApiError 400 */
export function readProxies(body: string): ProxySpec[] {
  const value = decodeFirst(body);
  if (value === null) return [];
  if (!Array.isArray(value)) {
    const kind = typeof value === 'boolean' ? 'bool' : typeof value;
    throw badRequestBody(`json: cannot unmarshal ${kind} into Go value of type ${PROXIES_TYPE}`);
  }
  return value.map((item: unknown, index) => {
    const fields = decodeFields(item, PROXY_FIELDS, PROXY_TYPE);
    const spec = specOf(fields, { listen: '', upstream: '', enabled: true });
    if (spec.name === '') throw missingField(`name at proxy ${index + 1}`);
    if (spec.upstream === '') throw missingField(`upstream at proxy ${index + 1}`);
    return spec;
  });
}

/** The body of POST /proxies/{proxy}/toxics. @throws ApiError 400, or 409 for a name that is taken */
export function readToxic(body: string, proxy: Proxy, isStock: boolean): Toxic {
  const fields = decodeFields(decodeFirst(body), TOXIC_FIELDS, TOXIC_TYPE);
  const {
    type: typeName = '',
    stream = 'downstream',
    toxicity = 1,
  } = fields as {
    type?: string;
    stream?: string;
    toxicity?: number;
  };
  const direction = directionOf(stream);
  const name = stringOf(fields, 'name', '') || `${typeName}_${stream}`;
  const type = toxicTypeOf(typeName, isStock);
  if (type === undefined) throw invalidToxicType();
  const generation = proxy.generationOf(name);
  const attributes = attributesIn(fields, type, defaultsOf(type));
  return new Toxic({ name, type, direction, stream, toxicity, attributes, generation });
}

/** The body of a change of a toxic: attributes and toxicity, each as it is where it is not named. @throws ApiError 400 */
export function changeToxic(body: string, toxic: Toxic): void {
  const { attributes, toxicity } = TOXIC_FIELDS as { attributes: Field; toxicity: Field };
  const fields = decodeFields(decodeFirst(body), { attributes, toxicity }, TOXIC_TYPE);
  Object.assign(toxic.attributes, attributesIn(fields, toxic.type, toxic.attributes));
  const { toxicity: wanted } = fields;
  if (typeof wanted === 'number') toxic.toxicity = wanted;
}

function specOf(fields: Fields, before: Omit<ProxySpec, 'name'>): ProxySpec {
  const { enabled } = fields;
  return {
    name: stringOf(fields, 'name', ''),
    listen: stringOf(fields, 'listen', before.listen),
    upstream: stringOf(fields, 'upstream', before.upstream),
    enabled: typeof enabled === 'boolean' ? enabled : before.enabled,
  };
}

function stringOf(fields: Fields, name: string, otherwise: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : otherwise;
}

function directionOf(stream: string): Direction {
  const direction = stream.toLowerCase();
  if (direction === 'upstream' || direction === 'downstream') return direction;
  throw invalidStream();
}

function defaultsOf(type: ToxicType): Record<string, number> {
  return Object.fromEntries(Object.entries(type.attributes).map(([name, spec]) => [name, spec.default ?? 0]));
}

function attributesIn(
  { attributes }: Fields,
  type: ToxicType,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  if (typeof attributes !== 'object') return { ...before };
  const fields = Object.fromEntries(
    Object.entries(type.attributes).map(([name, { kind }]): [string, Field] => [
      name,
      { kind, path: `${type.goName}.attributes.${name}`, goType: kind === 'int' ? 'int64' : 'float64' },
    ]),
  );
  return { ...before, ...(decodeFields(attributes, fields, type.goName) as Record<string, number>) };
}
