import { type Fault, logUniform } from './fault.ts';

/** Nobody asks for anything: a new leader that has proposed nothing yet meets whoever comes back. */
export const lull: Fault = {
  name: 'lull',
  fire: (victims, prng) => {
    victims.marks.hit('lull');
    victims.say('the clients rest');
    victims.rest(true);
    victims.later(victims.tickMs * logUniform(prng, 1, 40), () => victims.rest(false));
  },
};
