import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError } from '../api/http.ts';
import { Brand } from '../page/brand.tsx';
import { useDashboard } from '../state/context.ts';

/** Asks for the access token; the server answers with a cookie that scripts cannot read. */
export function SignIn(): JSX.Element {
  const { signIn } = useDashboard();
  const token = useSignal('');
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    problem.value = '';
    try {
      await signIn(token.value.trim());
    } catch (error) {
      const isWrong = error instanceof ApiError && error.status === 401;
      problem.value = isWrong ? 'This token is not valid here. Copy it again, whole and without spaces.' : (error as Error).message;
      isBusy.value = false;
      input.current?.select();
    }
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <Brand />
        <h1>Sign in</h1>
        <label for="token">Access token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          ref={input}
          value={token.value}
          aria-describedby={problem.value === '' ? 'token-hint' : 'token-problem token-hint'}
          aria-invalid={problem.value !== ''}
          onInput={(event) => (token.value = event.currentTarget.value)}
        />
        <p id="token-problem" class="problem" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="primary" disabled={isBusy.value}>
          {isBusy.value ? 'Signing in …' : 'Sign in'}
        </button>
        <p id="token-hint" class="muted">
          Bellwether printed the token when it first started. Until it is first used it is also in the file <code>token</code> of the data
          directory, <code>.bellwether</code> unless set otherwise.
        </p>
      </form>
    </main>
  );
}
