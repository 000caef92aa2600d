// Package scan looks for what ought not to be in a change: secrets, characters
// that hide what they do, comments that silence scanners, code that is watched,
// and what scanners of others found.
//
// It is given bytes and answers with [checks.PatchScan], [checks.Secret] and
// [checks.Findings]; it asks nobody. What it finds of a secret is never the secret
// itself. Rules are gitleaks' published ones; nothing that stands in the bytes can
// switch one off. Everything it reads is hostile: what it cannot read it says, and
// never takes for clean.
package scan
