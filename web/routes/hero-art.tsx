/** Radii of the arcs behind the hero: many sources around one centre, like the mark. */
const radii = [90, 150, 215, 285, 360, 440, 525]

/** Line art only; it says nothing that the words do not. */
export function HeroArt() {
  return (
    <svg className="hero-art" viewBox="0 0 900 560" preserveAspectRatio="xMaxYMid slice" aria-hidden="true">
      <g fill="none" stroke="var(--hero-line)" strokeWidth="1.5">
        {radii.map((r, i) => (
          <path
            key={r}
            d={`M ${690 + r * Math.cos(-0.9 + i * 0.35)} ${280 + r * Math.sin(-0.9 + i * 0.35)} A ${r} ${r} 0 1 1 ${
              690 + r * Math.cos(-1.9 + i * 0.35)
            } ${280 + r * Math.sin(-1.9 + i * 0.35)}`}
          />
        ))}
      </g>
      <g fill="#f2926b">
        {radii.map((r, i) => (
          <circle
            key={r}
            cx={690 + r * Math.cos(-0.9 + i * 0.35)}
            cy={280 + r * Math.sin(-0.9 + i * 0.35)}
            r={i % 3 === 0 ? 5 : 3}
            opacity={i % 3 === 0 ? 1 : 0.55}
          />
        ))}
      </g>
      <circle cx="690" cy="280" r="9" fill="#f2926b" />
    </svg>
  )
}
