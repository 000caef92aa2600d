# handrail's development commands. `make test` is the one that counts: it
# installs what is missing, by package name, and runs everything CI runs.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# GitHub's own published descriptions, to which the stand-in and everything we
# send are held.
OCTOKIT = @octokit/openapi@23.0.2 @octokit/graphql-schema@15.26.1 \
          @octokit/openapi-webhooks@12.1.0 @octokit/webhooks-examples@7.6.1

# Programs the tests run, as "program:Debian package".
PROGRAMS = git:git node:nodejs npm:npm gcc:gcc cmark-gfm:cmark-gfm

export GOFLAGS := -buildvcs=false
TOOLS := $(CURDIR)/.tools

.PHONY: test build lint race cover tools fuzz bench clean

test: tools lint race cover

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o handrail ./cmd/handrail

lint: tools
	@echo "gofmt"; bad=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$bad" || { echo "not gofmt'ed: $$bad"; exit 1; }
	@echo "go vet"; go vet ./...
	@echo "staticcheck"; $(TOOLS)/bin/staticcheck ./...
	@echo "go mod verify"; go mod verify

race: tools
	go test -race -timeout 45m -coverprofile=$(TOOLS)/coverage.out ./...

# Our own coverage, held to our own policy by handrail itself.
cover:
	go run ./cmd/handrail check --report $(TOOLS)/coverage.out --base $$(git rev-parse --verify -q --short origin/HEAD || git rev-parse --short HEAD)
	@go tool cover -func=$(TOOLS)/coverage.out | tail -1

# A stamp names the versions, so that a change of them installs anew.
STAMP := $(TOOLS)/$(shell printf '%s' '$(STATICCHECK) $(OCTOKIT)' | cksum | cut -d' ' -f1).stamp

tools: $(STAMP)

$(STAMP):
	@mkdir -p $(TOOLS)/bin
	@for p in $(PROGRAMS); do \
	  command -v $${p%%:*} >/dev/null && continue; \
	  echo "installing Debian package $${p##*:}, since $${p%%:*} is missing"; \
	  { apt-get update -qq && apt-get install -y -qq $${p##*:}; } || { echo "please install $${p##*:}"; exit 1; }; \
	done
	@echo "installing $(STATICCHECK)"; GOBIN=$(TOOLS)/bin go install $(STATICCHECK)
	@echo "installing $(OCTOKIT)"; npm install --prefix $(TOOLS) --no-save --no-audit --no-fund --loglevel=error $(OCTOKIT)
	@rm -f $(TOOLS)/*.stamp; touch $@

# Every fuzz target for a minute each; a longer run: make fuzz FUZZTIME=10m
FUZZTIME ?= 1m
fuzz:
	@for pkg in $$(go list ./...); do \
	  for f in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; \
	done

bench:
	go test -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf $(TOOLS) handrail
