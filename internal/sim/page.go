package sim

import "net/http"

func (gh *GitHub) pageRoutes() http.Handler { return http.NotFoundHandler() }
