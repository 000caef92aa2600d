// Package sim is a GitHub that fits in a test: organisations, people, teams,
// repositories with real git objects, pull requests, reviews, issues, check-runs,
// tags and releases, deployments, workflow runs with their artifacts and OIDC
// tokens, alerts about code, packages and secrets, served over real HTTP as REST
// and GraphQL, and told to an App's hook URL as signed webhooks.
//
// It promises to be honest rather than complete. What it answers has the shape
// of GitHub's own descriptions (package oracle holds it to them), what it does
// not know it refuses by name instead of answering null, and what GitHub would
// refuse (a completed check-run reopened, an expired token, a missing
// permission) it refuses too. It can fail on request, before an effect or
// after it, and lose, double, delay and reorder deliveries.
//
// The Go methods are what people do: they change the state and send the
// webhooks GitHub would send. People need not be made first; somebody who is
// named exists. All of it is safe for concurrent use.
package sim
