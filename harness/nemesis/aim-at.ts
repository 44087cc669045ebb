import { assert } from '../../server/base/assert.ts';
import { ProcessEnsemble } from '../ensemble/process-ensemble.ts';
import type { Aim, Fault, FaultParams, InsideFault } from './fault.ts';
import type { Field } from './field.ts';

/** `Fault.aim`, on servers of which nothing is known. They were found to be what the fault needs (`whyUnavailable`). */
export function aimAt(fault: Fault, field: Field, params: FaultParams): Promise<Aim | null> {
  if (!isInside(fault)) return fault.aim(field, params);
  const { ensemble } = field;
  assert(
    ensemble instanceof ProcessEnsemble,
    `${fault.name} is refused on servers that are no processes of ours`,
  );
  return fault.aim({ ...field, ensemble }, params);
}

function isInside(fault: Fault): fault is InsideFault {
  return fault.needs.preload === true || fault.needs.files === true;
}
