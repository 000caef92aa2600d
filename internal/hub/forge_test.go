package hub

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
)

// m is a JSON object.
type m = map[string]any

const (
	appID       = 4711
	repoID      = 99
	headSHA     = "1111111111111111111111111111111111111111"
	baseSHA     = "2222222222222222222222222222222222222222"
	oldSHA      = "3333333333333333333333333333333333333333"
	secretToken = "ghs_4711_eyJhbGciOi.secret-part_Of.aToken"
)

var subject = checks.Subject{Installation: 7, RepoID: repoID, Owner: "acme", Repo: "shop", Number: 12}

// testKey is an App's private key; making one takes a while.
var testKey = sync.OnceValue(func() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
})

// oracle is the path of a file of GitHub's own descriptions.
func oracle(parts ...string) (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			p := filepath.Join(append([]string{dir, ".tools/node_modules/@octokit"}, parts...)...)
			if _, e := os.Stat(p); e != nil {
				return "", fmt.Errorf("%s is missing: run make tools", filepath.Join(parts...))
			}
			return p, nil
		}
		if filepath.Dir(dir) == dir {
			return "", fmt.Errorf("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// schema is GitHub's published GraphQL schema.
var schema = sync.OnceValues(func() (*ast.Schema, error) {
	p, err := oracle("graphql-schema", "schema.graphql")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(p)
	if err != nil {
		return nil, err
	}
	doc, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "schema.graphql", Input: string(text)})
	if err != nil {
		return nil, err
	}
	// GitHub publishes a field twice here and there, which the language forbids.
	for _, d := range doc.Definitions {
		once := map[string]bool{}
		d.Fields = slices.DeleteFunc(d.Fields, func(f *ast.FieldDefinition) bool {
			again := once[f.Name]
			once[f.Name] = true
			return again
		})
	}
	return validator.ValidateSchemaDocument(doc)
})

// forge is a server that answers as a test says. Every GraphQL text that comes
// in is held to GitHub's schema.
type forge struct {
	t   *testing.T
	url string
	hub *Hub

	guard *leak.Guard

	mu     sync.Mutex
	seen   []string // operations and REST paths, in order
	mints  int
	tokens []string

	mint  func(w http.ResponseWriter) bool // true when it answered
	query func(op string, vars m) any      // an object, or a reply
	rest  map[string]func(r *http.Request) any
}

// reply is an answer with a status and headers of its own.
type reply struct {
	status int
	header map[string]string
	body   any
}

func newForge(t *testing.T, cfg Config) *forge {
	t.Helper()
	f := &forge{t: t, rest: map[string]func(*http.Request) any{}, guard: guarded(t)}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	f.url = srv.URL
	cfg.WebURL, cfg.AppID, cfg.PrivateKey = srv.URL, appID, testKey()
	h, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	f.hub = h
	return f
}

func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	watch(f.guard, r)
	if strings.HasSuffix(r.URL.Path, "/access_tokens") {
		f.mu.Lock()
		f.mints++
		n := f.mints
		f.mu.Unlock()
		if f.mint != nil && f.mint(w) {
			return
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(m{"token": fmt.Sprintf("%s%d", secretToken, n), "expires_at": "2999-01-01T00:00:00Z"})
		return
	}
	if r.URL.Path != "/api/graphql" {
		path := strings.TrimPrefix(r.URL.Path, "/api/v3")
		f.note(path, r)
		answer, ok := f.rest[path]
		if !ok {
			f.write(w, reply{status: 404, body: m{"message": "Not Found"}})
			return
		}
		f.write(w, answer(r))
		return
	}
	body, _ := io.ReadAll(r.Body)
	var q struct {
		Query     string `json:"query"`
		Variables m      `json:"variables"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		f.t.Errorf("a question is not JSON: %v", err)
	}
	f.write(w, f.graphql(r, q.Query, q.Variables))
}

func (f *forge) graphql(r *http.Request, text string, vars m) any {
	s, err := schema()
	if err != nil {
		f.t.Error(err)
		return reply{status: 500}
	}
	doc, bad := gqlparser.LoadQueryWithRules(s, text, rules.NewDefaultRules())
	if bad != nil {
		f.t.Errorf("GitHub would refuse this: %v\n%s", bad, text)
		return reply{status: 500}
	}
	op := doc.Operations[0].Name
	for _, v := range doc.Operations[0].VariableDefinitions {
		if _, ok := vars[v.Variable]; !ok && v.Type.NonNull {
			f.t.Errorf("%s leaves out $%s", op, v.Variable)
		}
	}
	f.note(op, r)
	return f.query(op, vars)
}

func (f *forge) note(what string, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, what)
	f.tokens = append(f.tokens, r.Header.Get("Authorization"))
}

// asked is what was asked so far, without the minting of tokens.
func (f *forge) asked() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.seen, " ")
}

func (f *forge) write(w http.ResponseWriter, answer any) {
	rep, ok := answer.(reply)
	if !ok {
		rep = reply{status: 200, body: answer}
	}
	for k, v := range rep.header {
		w.Header().Set(k, v)
	}
	if rep.status == 0 {
		rep.status = 200
	}
	w.WriteHeader(rep.status)
	if raw, ok := rep.body.([]byte); ok {
		_, _ = w.Write(raw)
		return
	}
	_ = json.NewEncoder(w).Encode(rep.body)
}

// list is a whole connection.
func list(nodes ...any) m {
	if nodes == nil {
		nodes = []any{}
	}
	return m{"totalCount": len(nodes), "pageInfo": m{"hasNextPage": false, "endCursor": nil, "hasPreviousPage": false, "startCursor": nil}, "nodes": nodes}
}

// cutList is a page of a connection that has more.
func cutList(total int, cursor string, nodes ...any) m {
	l := list(nodes...)
	l["totalCount"] = total
	l["pageInfo"] = m{"hasNextPage": true, "endCursor": cursor, "hasPreviousPage": false, "startCursor": nil}
	return l
}

func user(login string) m { return m{"__typename": "User", "login": login, "databaseId": len(login)} }

func blobOf(oid, text string) m {
	return m{"oid": oid, "object": m{"__typename": "Blob", "text": text, "isTruncated": false, "isBinary": false, "byteSize": len(text)}}
}

func people(pairs ...string) m {
	edges := []any{}
	for i := 0; i < len(pairs); i += 2 {
		edges = append(edges, m{"permission": pairs[i+1], "node": m{"login": pairs[i]}})
	}
	return m{"totalCount": len(edges), "edges": edges}
}

// ordinary is the data of an ordinary pull request.
func ordinary() m {
	return m{
		"rateLimit": m{"cost": 2, "limit": 5000, "remaining": 4998, "resetAt": "2026-01-01T01:00:00Z"},
		"repository": m{
			"id": "R_1", "databaseId": repoID, "name": "shop", "owner": m{"login": "acme"}, "isPrivate": true, "isArchived": false,
			"defaultBranchRef": m{"name": "main"},
			"label":            m{"id": "LA_1", "name": checks.LabelMet},
			"head":             m{"oid": headSHA, "policy": blobOf("b1", "version: 1\n")},
			"collaborators":    people("Ann", "WRITE", "bob", "ADMIN"),
			"pullRequest":      ordinaryPull(),
		},
		"floor": nil,
	}
}

func ordinaryPull() m {
	return m{
		"id": "PR_1", "number": 12, "title": "Add a cart", "body": "Closes #3", "state": "OPEN", "isDraft": false,
		"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:10:00Z", "lastEditedAt": "2026-01-01T00:08:00Z", "author": user("ann"),
		"headRefName": "cart", "headRefOid": headSHA, "headRepository": m{"databaseId": repoID},
		"changedFiles": 2, "additions": 10, "deletions": 3, "baseRefName": "main", "baseRefOid": oldSHA,
		"baseRef": m{
			"target": m{
				"oid": baseSHA, "policy": blobOf("b1", "version: 1\n"),
				"owners0": nil, "owners1": blobOf("c1", "* @bob @acme/web @Carl\n"), "owners2": blobOf("c2", "* @eve\n"),
			},
			"rules": list(m{"type": "REQUIRED_STATUS_CHECKS", "parameters": m{
				"__typename": "RequiredStatusChecksParameters", "requiredStatusChecks": []any{m{"context": "build", "integrationId": 5}},
			}}, m{"type": "DELETION", "parameters": nil}),
			"refUpdateRule": m{"requiredStatusCheckContexts": []any{"build", "lint"}},
		},
		"labels": list(m{"id": "LA_9", "name": "bug"}),
		"commits": list(m{"commit": m{
			"oid": headSHA, "message": "Add a cart", "committedViaWeb": false,
			"author": m{"name": "Ann", "email": "ann@acme.test", "user": m{"login": "ann"}}, "committer": m{"name": "Ann", "email": "ann@acme.test", "user": m{"login": "ann"}},
			"authors": m{"totalCount": 2, "nodes": []any{
				m{"name": "Ann", "email": "ann@acme.test", "user": m{"login": "ann"}}, m{"name": "Dan", "email": "dan@x.test", "user": nil},
			}},
			"parents": m{"totalCount": 1}, "signature": nil,
		}}),
		"reviews": list(
			m{"fullDatabaseId": "5001", "state": "APPROVED", "body": "", "submittedAt": "2026-01-01T00:05:00Z", "lastEditedAt": nil, "author": user("bob"), "commit": m{"oid": headSHA}},
			m{"fullDatabaseId": "5002", "state": "DISMISSED", "body": "no", "submittedAt": "2026-01-01T00:06:00Z", "lastEditedAt": "2026-01-01T00:07:00Z", "author": user("zoe"), "commit": nil},
		),
		"comments":                list(m{"fullDatabaseId": "6001", "body": "+1", "createdAt": "2026-01-01T00:04:00Z", "lastEditedAt": nil, "author": user("yan")}),
		"reviewRequests":          list(m{"requestedReviewer": user("bob")}, m{"requestedReviewer": m{"__typename": "Team", "slug": "web", "organization": m{"login": "Acme"}}}),
		"closingIssuesReferences": list(m{"number": 3, "title": "Cart", "closed": false, "repository": m{"name": "shop", "owner": m{"login": "acme"}}}),
		"statusCheckRollup": m{"commit": m{"oid": headSHA}, "contexts": list(
			m{"__typename": "CheckRun", "id": "CR_1", "databaseId": 8589934592, "name": "build", "status": "COMPLETED", "conclusion": "SUCCESS", "externalId": "x",
				"detailsUrl": "https://ci.test/1", "startedAt": "2026-01-01T00:01:00Z", "completedAt": "2026-01-01T00:02:00Z", "checkSuite": m{"app": m{"databaseId": 5, "slug": "ci"}}},
			m{"__typename": "StatusContext", "id": "SC_1", "context": "legacy", "state": "ERROR", "targetUrl": nil, "createdAt": "2026-01-01T00:02:00Z", "creator": nil},
			m{"__typename": "StatusContext", "id": "SC_2", "context": "slow", "state": "EXPECTED", "targetUrl": nil, "createdAt": "2026-01-01T00:02:00Z", "creator": user("ci")},
		)},
		"timelineItems": list(
			m{"__typename": "BaseRefChangedEvent", "createdAt": "2026-01-01T00:03:00Z"},
			m{"__typename": "ReviewDismissedEvent", "actor": user("bob"), "review": m{"fullDatabaseId": "5002"}},
		),
	}
}

// floorMissing is the failure that GitHub gives where there is no `.github`.
func floorMissing() []any {
	return []any{m{"type": "NOT_FOUND", "path": []any{"floor"}, "message": "Could not resolve to a Repository with the name 'acme/.github'."}}
}

// set changes data at a path.
func set(data m, value any, path ...string) m {
	at := data
	for _, p := range path[:len(path)-1] {
		at = at[p].(m)
	}
	at[path[len(path)-1]] = value
	return data
}

// shows makes the forge answer every verdict with data.
func (f *forge) shows(data m) {
	f.query = func(op string, _ m) any {
		if op != "Verdict" {
			f.t.Errorf("unexpected question %s", op)
		}
		return m{"data": data, "errors": floorMissing()}
	}
}

// dated is a reply with the date at which GitHub's clock stands.
func dated(body any, date string) reply {
	return reply{status: 200, header: map[string]string{"Date": date}, body: body}
}
