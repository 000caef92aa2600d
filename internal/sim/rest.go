package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// route is how a REST path is answered.
type route struct {
	gh  *GitHub
	mux *http.ServeMux
}

// restRoutes is the table of all REST paths, with what each needs: "app" (a JSON
// web token) or a permission of an installation token.
func (gh *GitHub) restRoutes() http.Handler {
	rt := route{gh, http.NewServeMux()}
	rt.on("GET /app", "app", (*call).getApp)
	rt.on("GET /app/installations", "app", (*call).listInstallations)
	rt.on("GET /app/installations/{id}", "app", (*call).getInstallation)
	rt.on("POST /app/installations/{id}/access_tokens", "app", (*call).mintToken)
	rt.on("GET /app/hook/deliveries", "app", (*call).listDeliveries)
	rt.on("GET /app/hook/deliveries/{id}", "app", (*call).getDelivery)
	rt.on("POST /app/hook/deliveries/{id}/attempts", "app", (*call).redeliver)
	rt.on("GET /repos/{owner}/{repo}/installation", "app", (*call).repoInstallation)
	rt.on("GET /orgs/{org}/installation", "app", (*call).orgInstallation)
	rt.on("GET /rate_limit", "any", (*call).rateLimit)
	rt.on("GET /installation/repositories", "metadata:read", (*call).installationRepos)
	rt.on("GET /orgs/{org}/teams/{team}", "members:read", (*call).getTeam)
	rt.on("GET /orgs/{org}/teams/{team}/members", "members:read", (*call).teamMembers)
	rt.on("GET /orgs/{org}/teams/{team}/memberships/{user}", "members:read", (*call).teamMembership)

	rt.on("GET /repos/{owner}/{repo}", "metadata:read", (*call).getRepo)
	rt.actions()
	rt.tags()
	rt.releases()
	rt.issues()
	rt.deployments()
	rt.dispatches()
	rt.on("GET /user", "any", (*call).getUser)
	rt.on("GET /repos/{owner}/{repo}/attestations/{digest}", "attestations:read", (*call).listAttestations)
	rt.alerts()
	rt.on("GET /repos/{owner}/{repo}/pulls", "pull_requests:read", (*call).listPulls)
	rt.on("GET /repos/{owner}/{repo}/pulls/{n}", "pull_requests:read", (*call).getPull)
	rt.on("GET /repos/{owner}/{repo}/pulls/{n}/files", "pull_requests:read", (*call).pullFiles)
	rt.on("GET /repos/{owner}/{repo}/pulls/{n}/reviews", "pull_requests:read", (*call).pullReviews)
	rt.on("GET /repos/{owner}/{repo}/pulls/{n}/comments", "pull_requests:read", (*call).listReviewComments)
	rt.on("GET /repos/{owner}/{repo}/pulls/{n}/commits", "pull_requests:read", (*call).pullCommits)
	rt.on("GET /repos/{owner}/{repo}/compare/{range...}", "contents:read", (*call).compare)
	rt.on("GET /repos/{owner}/{repo}/git/trees/{sha}", "contents:read", (*call).getTree)
	rt.on("GET /repos/{owner}/{repo}/git/blobs/{sha}", "contents:read", (*call).getBlob)
	rt.on("GET /repos/{owner}/{repo}/contents/{path...}", "contents:read", (*call).getContents)
	rt.on("GET /repos/{owner}/{repo}/commits", "contents:read", (*call).listCommits)
	rt.on("GET /repos/{owner}/{repo}/commits/{sha}", "contents:read", (*call).getCommit)
	rt.on("GET /repos/{owner}/{repo}/commits/{sha}/pulls", "pull_requests:read", (*call).commitPulls)
	rt.on("GET /repos/{owner}/{repo}/commits/{sha}/check-runs", "checks:read", (*call).commitRuns)
	rt.on("GET /repos/{owner}/{repo}/commits/{sha}/status", "statuses:read", (*call).commitStatus)
	rt.on("POST /repos/{owner}/{repo}/statuses/{sha}", "statuses:write", (*call).postStatus)
	rt.on("POST /repos/{owner}/{repo}/check-runs", "checks:write", (*call).postRun)
	rt.on("GET /repos/{owner}/{repo}/check-runs/{id}", "checks:read", (*call).getRun)
	rt.on("PATCH /repos/{owner}/{repo}/check-runs/{id}", "checks:write", (*call).patchRun)
	rt.on("GET /repos/{owner}/{repo}/check-runs/{id}/annotations", "checks:read", (*call).runAnnotations)
	rt.on("GET /repos/{owner}/{repo}/collaborators/{user}/permission", "metadata:read", (*call).collaborator)
	rt.on("GET /repos/{owner}/{repo}/labels", "pull_requests:read", (*call).listLabels)
	rt.on("GET /repos/{owner}/{repo}/labels/{name}", "pull_requests:read", (*call).getLabel)
	rt.on("POST /repos/{owner}/{repo}/labels", "pull_requests:write", (*call).postLabel)
	rt.mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		c := callOf(r)
		c.serve(func() { c.refuse(http.StatusNotFound, "sim: "+r.Method+" "+c.req.Path+" is not supported") })
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.URL.RawPath = apart(r.URL.Path), apart(r.URL.RawPath)
		rt.mux.ServeHTTP(w, r)
	})
}

// confused begin paths that net/http takes for as good as others of the same length,
// such as issues/{n}/labels. It knows them by another name.
var confused = regexp.MustCompile(`^((?:[A-Z]+ )?/repos/[^/]+/[^/]+/)(issues/comments|releases/assets|releases/tags)/`)

func apart(path string) string {
	at := confused.FindStringSubmatchIndex(path)
	if at == nil {
		return path
	}
	return path[:at[4]] + strings.ReplaceAll(path[at[4]:at[5]], "/", "--") + path[at[5]:]
}

func callOf(r *http.Request) *call {
	c, _ := r.Context().Value(callKey{}).(*call)
	return c
}

func (rt route) on(pattern, needs string, f func(*call)) {
	rt.mux.HandleFunc(apart(pattern), func(_ http.ResponseWriter, r *http.Request) {
		c := callOf(r)
		c.r, c.req.Route = r, pattern
		c.serve(func() {
			if c.admit(needs) {
				f(c)
			}
		})
	})
}

// admit checks what the route needs, and finds its repository.
func (c *call) admit(needs string) bool {
	if needs == "any" {
		return true
	}
	if needs == "app" {
		if c.app == nil {
			c.refuse(http.StatusUnauthorized, "A JSON web token could not be decoded")
		}
		return c.app != nil
	}
	if c.token == nil {
		c.refuse(http.StatusForbidden, "Resource not accessible by integration")
		return false
	}
	if c.r.PathValue("repo") != "" {
		c.repo = c.gh.repos[repoKey(c.r.PathValue("owner"), c.r.PathValue("repo"))]
		if !c.token.sees(c.repo) {
			c.refuse(http.StatusNotFound, "Not Found")
			return false
		}
	}
	name, level, _ := strings.Cut(needs, ":")
	if name == "talk" {
		name = c.repo.talkPermission(int(c.number("n")))
	}
	if !c.token.may(name, level) {
		c.refuse(http.StatusForbidden, "Resource not accessible by integration")
		return false
	}
	if level == "write" && c.repo != nil && c.repo.archived {
		c.refuse(http.StatusForbidden, "Repository was archived so is read-only.")
		return false
	}
	return true
}

func (c *call) ok(body any)      { c.res = answer{status: http.StatusOK, body: body} }
func (c *call) created(body any) { c.res = answer{status: http.StatusCreated, body: body} }
func (c *call) missing()         { c.refuse(http.StatusNotFound, "Not Found") }

func (c *call) invalid(err error) {
	c.res = answer{status: http.StatusUnprocessableEntity, body: m{"message": "Validation Failed: " + err.Error(),
		"errors": []m{{"resource": c.req.Route, "code": "custom", "message": err.Error()}}, "documentation_url": "https://docs.github.com/rest", "status": "422"}}
}

// number is a path value that must be one.
func (c *call) number(name string) int64 {
	n, err := strconv.ParseInt(c.r.PathValue(name), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// pull is the route's pull request; nil when answered with 404.
func (c *call) pull() *Pull {
	p := c.repo.pulls[int(c.number("n"))]
	if p == nil {
		c.missing()
	}
	return p
}

// decode reads the body; false when answered with 400.
func (c *call) decode(into any) bool {
	if len(c.body) == 0 {
		return true
	}
	if err := json.Unmarshal(c.body, into); err != nil {
		c.refuse(http.StatusBadRequest, "Problems parsing JSON")
		return false
	}
	return true
}

// page cuts a list by per_page and page, and links the next as GitHub does.
func page[T any](c *call, all []T, usual int) []T { return pageOf(c, all, usual, 100) }

// pageOf is page where GitHub gives more than a hundred at once.
func pageOf[T any](c *call, all []T, usual, most int) []T {
	q := c.r.URL.Query()
	per, _ := strconv.Atoi(q.Get("per_page"))
	if per <= 0 {
		per = usual
	}
	per = min(per, most)
	n, _ := strconv.Atoi(q.Get("page"))
	n = max(n, 1)
	from := min((n-1)*per, len(all))
	to := min(from+per, len(all))
	c.res.header = http.Header{}
	var links []string
	link := func(page int, rel string) {
		q.Set("page", itoa(page))
		q.Set("per_page", itoa(per))
		links = append(links, fmt.Sprintf("<%s%s?%s>; rel=%q", c.gh.api(), c.req.Path, q.Encode(), rel))
	}
	if n > 1 {
		link(n-1, "prev")
	}
	if to < len(all) {
		link(n+1, "next")
		link((len(all)+per-1)/per, "last")
	}
	if links != nil {
		c.res.header.Set("Link", strings.Join(links, ", "))
	}
	return all[from:to]
}

// okPage answers with one page of a list.
func okPage[T any](c *call, all []T, form func(T) m) {
	part := page(c, all, 30)
	out := []m{}
	for _, v := range part {
		out = append(out, form(v))
	}
	c.res = answer{status: http.StatusOK, header: c.res.header, body: out}
}

// okCounted is okPage in an object with the total under key's name.
func okCounted[T any](c *call, key string, all []T, form func(T) m) {
	okPage(c, all, form)
	c.res.body = m{"total_count": len(all), key: c.res.body}
}

func bool2[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}
