/** A screen that can't be drawn says why, in the words of the error, and the rest of the page goes on. */

import type { ComponentChildren } from "preact";
import { useErrorBoundary } from "preact/hooks";

export function Guard({ children }: { children: ComponentChildren }) {
  const [error, again] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return (
    <section class="panel" data-state="broken">
      <h2>This screen can't be shown</h2>
      <p role="alert">{error instanceof Error ? error.message : String(error)}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </section>
  );
}
