import type { Log } from '../../base/log.ts';
import { type OperatorConfig } from '../../operator-config.ts';
import type { ServerView } from '../server-view.ts';
import { adminPage } from './admin-pages.ts';
import { HttpEndpoint, type HttpAnswer } from './http-endpoint.ts';
import { ProcessFigures } from './process-figures.ts';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from './prometheus-text.ts';

/** What operators and their machines look at beside the client port: the AdminServer, and metrics. */
export class OperatorPorts {
  readonly #config: OperatorConfig;
  readonly #view: ServerView;
  readonly #log: Log;
  readonly #nowMs: () => number;
  readonly #endpoints: HttpEndpoint[] = [];
  #figures: ProcessFigures | null = null;

  constructor(
    config: OperatorConfig,
    { view, log, nowMs }: { readonly view: ServerView; readonly log: Log; readonly nowMs: () => number },
  ) {
    this.#config = config;
    this.#view = view;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** A port that cannot be had is told of and done without, as in Apache: the server is there for its clients. */
  async open(): Promise<void> {
    const { admin, metrics } = this.#config;
    if (admin !== null) {
      const { commandUrl } = admin;
      await this.#listen('AdminServer', admin, (url) => adminPage(url, commandUrl, this.#view));
    }
    if (metrics !== null) {
      const figures = metrics.exportsProcess ? new ProcessFigures(this.#view.stats) : null;
      this.#figures = figures;
      await this.#listen('MetricsProvider', metrics, ({ pathname }) =>
        pathname === '/metrics' ? this.#metrics(figures) : null,
      );
    }
  }

  async close(): Promise<void> {
    this.#figures?.stop();
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
  }

  #metrics(figures: ProcessFigures | null): HttpAnswer {
    const text = prometheusText(this.#view, figures?.now() ?? []);
    return { status: 200, contentType: PROMETHEUS_CONTENT_TYPE, body: [text] };
  }

  async #listen(
    component: string,
    { host, port }: { readonly host: string; readonly port: number },
    answer: (url: URL) => HttpAnswer | null,
  ): Promise<void> {
    const { idleTimeoutMs, throttle } = this.#config;
    const onError = (error: Error): void => this.#log.warn(component, error.message);
    const endpoint = new HttpEndpoint({
      host,
      port,
      idleTimeoutMs,
      throttle,
      nowMs: this.#nowMs,
      answer,
      onError,
    });
    try {
      await endpoint.listen();
    } catch (error) {
      onError(error as Error);
      return;
    }
    this.#endpoints.push(endpoint);
    this.#log.info(component, `listening on http://${host}:${endpoint.port}`);
  }
}
