import { askAdmin } from './admin-api.ts';
import { offerDetails } from './details.ts';
import { setText } from './dom.ts';
import { LoadSection } from './load.ts';
import { showOverview } from './overview.ts';
import { offerTheme } from './theme.ts';
import { offerZnodes } from './znodes.ts';

/*
 * The script of the page for operators. It is put into the page with the modules it imports, so that the page is one
 * answer and asks for nothing but the server's own JSON.
 */

const INTERVAL_MS = 1000;

const load = new LoadSection();

async function look(): Promise<void> {
  const overview = await askAdmin('overview');
  showOverview(overview);
  if (overview['is_serving'] === true) load.show(await askAdmin('monitor'), performance.now());
  else load.pause();
}

async function keepLooking(): Promise<never> {
  for (;;) {
    // Who does not see the page need not cost the server anything.
    if (document.hidden) load.pause();
    else {
      try {
        await look();
        setText('status', 'live');
      } catch (error) {
        load.pause();
        setText('status', `no answer: ${(error as Error).message}`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

offerTheme();
offerDetails();
offerZnodes();
void keepLooking();
