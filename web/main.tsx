import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './ui/tokens.css'
import './ui/base.css'
import './ui/ui.css'
import { startI18n } from './platform/i18n.ts'
import { applyPreferences } from './platform/preferences.ts'
import { profileQuery } from './platform/profile.ts'
import { queryClient } from './platform/query.ts'
import { router } from './routes/router.tsx'

applyPreferences()
// Codes need their labels on every page; asked for before anything is drawn.
void queryClient.prefetchQuery(profileQuery)
await startI18n()

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
