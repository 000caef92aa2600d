// Package handlers is handrail's shell. It takes webhooks and keeps them with
// what they touch, and it takes a pull request from "something touched it" to
// "GitHub shows the verdict and the record holds it". It declares what it needs
// of GitHub; the commands wire it.
package handlers
