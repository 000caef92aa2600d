package scan

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A rule that cannot be read would be one that finds nothing.
func TestAllPublishedRulesAreReady(t *testing.T) {
	rules := published()
	if len(rules) != 222 {
		t.Errorf("there are %d rules, not 222: look at the new ones, whether they are general", len(rules))
	}
	headed, regional, named := 0, 0, 0
	ids := map[string]bool{}
	for _, r := range rules {
		ids[r.id] = true
		switch {
		case r.first != nil && r.later != nil && len(r.heads) > 0 && r.whole == nil:
			headed++
		case r.whole != nil && len(r.heads) == 0 && len(r.region().words) > 0:
			regional++
		case r.path != nil:
			named++
			continue
		default:
			t.Errorf("%s is looked for nowhere", r.id)
			continue
		}
		// They panic when they are first used and cannot be compiled.
		r.first.get()
		r.later.get()
		for i := range r.heads {
			if v := r.heads[i].value; v != nil {
				v.expr.get()
			}
		}
	}
	if headed != 213 || regional != 8 || named != 1 {
		t.Errorf("%d begin with what they are known by, %d have a region, %d go by a file's name", headed, regional, named)
	}
	for id := range maps.Keys(general) {
		if !ids[id] {
			t.Errorf("%s is said to be general and is no rule", id)
		}
	}
	for id := range maps.Keys(regions) {
		if !ids[id] {
			t.Errorf("%s has a region and is no rule", id)
		}
	}
}

// pathOf is a file that a rule is for.
var pathOf = map[string]string{
	"freemius-secret-key": "a.php", "hashicorp-tf-password": "a.tf", "kubernetes-secret-yaml": "a.yaml", "nuget-config-password": "nuget.config",
}

// Every rule must find what its own expression does in the whole text: windows,
// words and quick refusals may lose nothing.
func TestEveryRuleFindsAllThatItsExpressionDoes(t *testing.T) {
	for _, r := range published() {
		if r.source == "" {
			continue
		}
		alone, expr, found := newEngine([]*rule{r}), regexp.MustCompile(r.source), 0
		for seed := range int64(16) {
			s := newSampler(seed)
			text := strings.Repeat("some text;\n", int(seed)) + s.of(r) + []string{"", "\n", "\" and more", "x"}[seed%4]
			if seed%3 == 0 {
				text += "\n" + strings.Join(r.keywords, " ") + s.of(r)
			}
			got, err := alone.find(t.Context(), pathOf[r.id], text)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range byExpression(r, expr, text) {
				found++
				if !slices.ContainsFunc(got, func(h hit) bool { return h.start <= want.from && want.to <= h.end }) {
					t.Errorf("%s, seed %d: a secret is not found", r.id, seed)
				}
			}
		}
		if found == 0 {
			t.Errorf("%s: no secret could be made", r.id)
		}
	}
}

// byExpression are the secrets that an expression finds in a whole text, if one of
// the rule's words is there.
func byExpression(r *rule, expr *regexp.Regexp, text string) (found []span) {
	low := strings.ToLower(text)
	if !slices.ContainsFunc(r.keywords, func(w string) bool { return strings.Contains(low, w) }) {
		return nil
	}
	for _, m := range expr.FindAllStringSubmatchIndex(text, -1) {
		start, end := r.secretIn(m)
		secret := text[start:end]
		if secret != "" && (r.entropy == 0 || entropy(secret) > r.entropy) && !r.allows(text[m[0]:m[1]], secret) {
			found = append(found, span{start, end})
		}
	}
	return found
}

// As they are published, two expressions about what is no secret let real ones be.
func TestWhatIsNoSecretIsOnlyThat(t *testing.T) {
	s, service := newSampler(1), "hvs."
	for i := range 95 {
		service += string(rune('a' + s.Intn(26)))
		if i > 30 {
			service += string(rune('0' + s.Intn(10)))
		}
	}
	service = service[:4+95]
	for rule, secret := range map[string]string{
		"vault-service-token": service,
		"npm-access-token":    "npm_false" + token(t, "npm-access-token", 1)[9:],
	} {
		hits, err := scanner.engine.find(t.Context(), "", secret+"\n")
		if err != nil || !slices.ContainsFunc(hits, func(h hit) bool { return h.rule.id == rule && !h.weak }) {
			t.Errorf("%s: %d hits, %v", rule, len(hits), err)
		}
	}
}

func TestOurOwnIDsAndTheSumsOfModulesAreNoSecrets(t *testing.T) {
	s := newSampler(7)
	for range 300 {
		id, sum := "s-", ""
		for range 12 {
			id += string("0123456789abcdef"[s.Intn(16)])
		}
		for range 43 {
			sum += string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[s.Intn(64)])
		}
		for _, text := range []string{
			"This is a secret: GitHub personal access token, " + id + ". Revoke it.", "token=f" + id[1:] + "\n",
			"modernc.org/token v1.1.0 h1:" + sum + "=\n", "modernc.org/token v1.1.0/go.mod h1:" + sum + "=\n",
		} {
			if clean, found := scanner.Scrub(text); clean != text || len(found) > 0 {
				t.Errorf("%q becomes %q", text, clean)
			}
		}
	}
	generic := token(t, "generic-api-key", 3)
	for _, text := range []string{"token v1.1.0: " + generic, "token: s-0123456789ab" + generic} {
		if clean, _ := scanner.Scrub(text); strings.Contains(clean, generic) {
			t.Errorf("%q stays", clean)
		}
	}
}
