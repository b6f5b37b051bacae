/** Dasselbe auf Deutsch: Apps, die von anderswo fragen. */
import type { englishBackChannel } from './english-back-channel.tsx'

export const germanBackChannel: typeof englishBackChannel = {
  title: 'Apps, die Sie fragen',
  link: (waiting) =>
    waiting === 0
      ? 'Apps, die fragen, wer Sie sind'
      : `Apps, die fragen, wer Sie sind (${waiting})`,
  lead: 'Manche Apps fragen Sie hier, weil Sie nicht vor deren Bildschirm sitzen: etwa ein Schalter, eine Hotline oder ein Agent.',
  none: 'Gerade fragt Sie keine App.',
  noneAdvice: 'Sobald eine fragt, steht ihre Frage hier für einige Minuten.',
  open: 'Wartet auf Sie',
  muted: 'Apps, die Sie nicht fragen dürfen',
  mutedLead: 'Fragen dieser Apps erreichen Sie nicht, und die Apps erfahren nicht, warum.',
  mutedSince: (at) => <>seit {at}</>,
  unmute: 'Wieder fragen lassen',
  endsIn: (time) => `endet in ${time}`,
  allow: (app) => `${app} antworten?`,
  asks: (app, resource) => (
    <>
      {app} fragt, wer Sie sind, für den Zugriff auf {resource}
    </>
  ),
  listed: (app) => <>{app} fragt, wer Sie sind</>,
  message: 'Die App zeigt Ihnen zugleich diesen Text:',
  noMessage: 'Die App zeigt Ihnen keinen Text zum Vergleichen.',
  started: 'Stimmen Sie nur dem zu, was Sie gerade jetzt mit dieser App tun.',
  ifNot: (app) => (
    <>Wenn Sie das nicht mit {app} begonnen haben oder der Text ein anderer ist, lehnen Sie ab.</>
  ),
  ends: 'Die Frage endet in',
  approve: 'Zustimmen',
  deny: 'Ablehnen',
  mute: 'Ablehnen, und diese App nie wieder fragen lassen',
  done: {
    approved: 'Die App kann jetzt weitermachen.',
    denied: 'Die App bekommt keinen Zugriff.',
    muted: 'Die App bekommt keinen Zugriff und kann Sie nicht mehr fragen.',
    unmuted: 'Die App darf Sie wieder fragen.',
  },
}
