import { QueryClient } from '@tanstack/react-query'
import { ProblemError } from './client.ts'

/** Answers are fresh for half a minute: walking back and forth between results and entries costs no call. */
const staleMs = 30_000

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: staleMs,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; only what may pass by itself is tried again.
      retry: (count, error) =>
        count < 2 && error instanceof ProblemError && (error.code === 'network' || error.status === 503),
    },
  },
})
