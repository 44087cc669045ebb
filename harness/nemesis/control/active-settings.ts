import type { EffectCount, ImposedSetting, Setting } from './settings.ts';

type SettingType = Setting['type'];

/** A setting that is in force in this process, with the count of its effects. */
export interface ActiveSetting<T extends SettingType = SettingType> extends Effects {
  readonly setting: Extract<Setting, { type: T }>;
}

interface Effects {
  readonly id: number;
  /** When it came into force, on the true monotonic clock, in ms. */
  readonly sinceMs: number;
  times: number;
  amount: number;
}

/** All that is imposed on this process now. What is imposed again under its id goes on as it was. */
export class ActiveSettings {
  readonly #nowMs: () => number;
  readonly #report: (id: number, count: EffectCount) => void;
  #all: ActiveSetting[] = [];

  /** `nowMs`: the true monotonic clock. `report`: told after each effect. */
  constructor(nowMs: () => number, report: (id: number, count: EffectCount) => void) {
    this.#nowMs = nowMs;
    this.#report = report;
  }

  replace(imposed: readonly ImposedSetting[]): void {
    const before = new Map(this.#all.map((active) => [active.id, active]));
    this.#all = imposed.map(
      ({ id, setting }) => before.get(id) ?? { id, setting, sinceMs: this.#nowMs(), times: 0, amount: 0 },
    );
  }

  get ids(): number[] {
    return this.#all.map(({ id }) => id);
  }

  of<T extends SettingType>(type: T): readonly ActiveSetting<T>[] {
    return this.#all.filter(({ setting }) => setting.type === type) as unknown as ActiveSetting<T>[];
  }

  /** It had its effect once more. */
  hit(active: Effects, amount: number): void {
    active.times++;
    active.amount = amount;
    const { id, times } = active;
    this.#report(id, { times, amount });
  }
}
