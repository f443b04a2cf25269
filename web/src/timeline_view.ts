// Draws an attempt: a lane for each step, on one scale.

import { type Attempt, elapsed, kSteps, runningStep } from './attempt.js';
import { byId, span } from './elements.js';

export class TimelineView {
  #attempt: Attempt | null = null;
  #frame = 0;

  show(attempt: Attempt): void {
    this.#attempt = attempt;
    cancelAnimationFrame(this.#frame);
    this.#draw();
  }

  readonly #draw = (): void => {
    const attempt = this.#attempt;
    if (!attempt) return;
    const total = elapsed(attempt, performance.now());
    for (const name of kSteps) {
      const { state, from, to, note } = attempt.steps[name];
      const end = state === 'running' ? total : to;
      const lane = byId(`step-${name}`);
      lane.dataset['state'] = state;
      lane.style.setProperty('--from', String(total ? from / total : 0));
      lane.style.setProperty('--to', String(total ? end / total : 0));
      byId(`ms-${name}`).textContent = { idle: 'not yet', running: span(end - from), done: span(end - from), failed: 'failed' }[state];
      byId(`note-${name}`).textContent = note;
    }
    byId('total').textContent = total ? `${span(total)} in all` : '';
    if (runningStep(attempt)) this.#frame = requestAnimationFrame(this.#draw);
  };
}
