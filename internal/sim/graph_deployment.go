package sim

import (
	"slices"
	"strings"
)

// deployStatusOf is a status of a deployment.
type deployStatusOf struct {
	d *Deployment
	*deployStatus
}

// deploymentsOf are a repository's deployments, of a commit when that is not "".
func (x *execution) deploymentsOf(r *Repo, sha string, a args) (any, error) {
	if err := x.needs("deployments", "read"); err != nil {
		return nil, err
	}
	environments, order := a.texts("environments"), a.object("orderBy")
	all := slices.DeleteFunc(slices.Clone(r.deployments), func(d *Deployment) bool {
		return sha != "" && d.sha != sha || len(environments) > 0 && !slices.Contains(environments, d.env.name)
	})
	if order.text("direction") == "DESC" {
		slices.Reverse(all)
	}
	return connection{kind: "Deployment", items: items(all)}, nil
}

func deploymentFields() map[string]resolver {
	return map[string]resolver{
		"id":                  get(func(d *Deployment) any { return d.node() }),
		"databaseId":          get(func(d *Deployment) any { return d.id }),
		"environment":         get(func(d *Deployment) any { return d.env.name }),
		"latestEnvironment":   get(func(d *Deployment) any { return d.env.name }),
		"originalEnvironment": get(func(d *Deployment) any { return d.env.name }),
		"task":                get(func(*Deployment) any { return "deploy" }),
		"commitOid":           get(func(d *Deployment) any { return d.sha }),
		"commit":              get(func(d *Deployment) any { return commitOf{d.repo, d.repo.objects.commits[d.sha]} }),
		"createdAt":           get(func(d *Deployment) any { return d.created }),
		"updatedAt":           get(func(d *Deployment) any { return d.updated }),
		"creator":             get(func(d *Deployment) any { return actor(d.creator) }),
		"repository":          get(func(d *Deployment) any { return d.repo }),
		"state":               get(func(d *Deployment) any { return d.word() }),
		"latestStatus": get(func(d *Deployment) any {
			if n := len(d.statuses); n > 0 {
				return deployStatusOf{d, d.statuses[n-1]}
			}
			return nil
		}),
		"statuses": get(func(d *Deployment) any {
			var all []any
			for _, s := range slices.Backward(d.statuses) {
				all = append(all, deployStatusOf{d, s})
			}
			return connection{kind: "DeploymentStatus", items: all}
		}),
	}
}

// word is the deployment's state as GraphQL has it.
func (d *Deployment) word() string {
	switch state := d.state(); {
	case d.gate != nil && d.gate.state == waiting:
		return "WAITING"
	case state == "success":
		return "ACTIVE"
	case state == "":
		return "PENDING"
	default:
		return strings.ToUpper(state)
	}
}

func deployStatusFields() map[string]resolver {
	return map[string]resolver{
		"id":          get(func(v deployStatusOf) any { return nodeID("DES", v.id) }),
		"state":       get(func(v deployStatusOf) any { return strings.ToUpper(v.state) }),
		"createdAt":   get(func(v deployStatusOf) any { return v.created }),
		"updatedAt":   get(func(v deployStatusOf) any { return v.created }),
		"environment": get(func(v deployStatusOf) any { return v.d.env.name }),
		"description": get(func(v deployStatusOf) any { return text(v.description) }),
		"creator":     get(func(v deployStatusOf) any { return actor(v.creator) }),
		"deployment":  get(func(v deployStatusOf) any { return v.d }),
	}
}
