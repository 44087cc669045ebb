import type { Log } from '../../base/log.ts';
import type { Accept } from '../../base/ports.ts';
import { type OperatorConfig } from '../../operator-config.ts';
import { operatorPage } from '../page/operator-page.ts';
import { RestGateway } from '../rest/rest-gateway.ts';
import type { ServerView } from '../server-view.ts';
import { adminPage } from './admin-pages.ts';
import { DataCommands, type DataKeeper } from './data-commands.ts';
import { HttpEndpoint, type HttpAnswer, type HttpEndpointOptions } from './http-endpoint.ts';
import { ProcessFigures } from './process-figures.ts';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus-text.ts';

export interface OperatorPortsOptions {
  readonly view: ServerView;
  readonly log: Log;
  readonly nowMs: () => number;
  /** Where the server takes connections of clients. */
  readonly accept: Accept;
  readonly keeper: DataKeeper;
}

/** What operators and their machines look at beside the client port: the AdminServer with znodes on it, and metrics. */
export class OperatorPorts {
  readonly #config: OperatorConfig;
  readonly #options: OperatorPortsOptions;
  readonly #endpoints: HttpEndpoint[] = [];
  #figures: ProcessFigures | null = null;
  #rest: RestGateway | null = null;

  constructor(config: OperatorConfig, options: OperatorPortsOptions) {
    this.#config = config;
    this.#options = options;
  }

  /** A port that cannot be had is told of and done without, as in Apache: the server is there for its clients. */
  async open(): Promise<void> {
    const { admin, metrics } = this.#config;
    const { view } = this.#options;
    if (admin !== null) {
      const { commandUrl, hasZnodes, pageWrites } = admin;
      const znodes = !hasZnodes ? 'none' : pageWrites ? 'write' : 'read';
      const pages = { commandUrl, page: operatorPage({ commandUrl, znodes }), view };
      const data = this.#dataCommands(admin);
      const rest = hasZnodes ? this.#openRest() : null;
      await this.#listen('AdminServer', admin, {
        answer: (url) => adminPage(url, pages),
        resource: (request) => data.answer(request) ?? rest?.answer(request) ?? null,
      });
    }
    if (metrics !== null) {
      const figures = metrics.exportsProcess ? new ProcessFigures(view.stats) : null;
      this.#figures = figures;
      await this.#listen('MetricsProvider', metrics, {
        answer: ({ pathname }) => (pathname === '/metrics' ? this.#metrics(figures) : null),
      });
    }
  }

  async close(): Promise<void> {
    this.#figures?.stop();
    this.#rest?.close();
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
  }

  #metrics(figures: ProcessFigures | null): HttpAnswer {
    const text = prometheusText(this.#options.view, figures?.now() ?? []);
    return { status: 200, contentType: PROMETHEUS_CONTENT_TYPE, body: [text] };
  }

  #dataCommands(admin: NonNullable<OperatorConfig['admin']>): DataCommands {
    const { view, keeper, nowMs, log } = this.#options;
    const { commandUrl, snapshotEnabled, restoreEnabled, restoreBytesMax, rateLimiterIntervalMs } = admin;
    return new DataCommands({
      commandUrl,
      snapshotEnabled,
      restoreEnabled,
      restoreBytesMax,
      intervalMs: rateLimiterIntervalMs,
      isServing: () => view.isServing,
      keeper,
      nowMs,
      log,
    });
  }

  #openRest(): RestGateway {
    const { view, accept, nowMs } = this.#options;
    this.#rest = new RestGateway({
      accept,
      isServing: () => view.isServing,
      frameBytesMax: view.config.juteMaxBufferBytes,
      nowMs,
    });
    return this.#rest;
  }

  async #listen(
    component: string,
    { host, port }: { readonly host: string; readonly port: number },
    answers: Pick<HttpEndpointOptions, 'answer' | 'resource'>,
  ): Promise<void> {
    const { idleTimeoutMs, throttle } = this.#config;
    const { log, nowMs } = this.#options;
    const onError = (error: Error): void => log.warn(component, error.message);
    const endpoint = new HttpEndpoint({
      host,
      port,
      idleTimeoutMs,
      throttle,
      nowMs,
      ...answers,
      onError,
    });
    try {
      await endpoint.listen();
    } catch (error) {
      onError(error as Error);
      return;
    }
    this.#endpoints.push(endpoint);
    log.info(component, `listening on http://${host}:${endpoint.port}`);
  }
}
