package config

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/handrail-bot/handrail/checks"
)

// Settings are what the operator sets: by environment variables or, under the
// same names, in a YAML file. The environment wins.
type Settings struct {
	// WebURL, V3URL and V4URL are GitHub's web, REST and GraphQL addresses, without
	// a slash at the end. Default: those of github.com; V3URL and V4URL follow
	// from WebURL.
	WebURL, V3URL, V4URL string
	// AppID is the App's number, from GITHUB_APP_INTEGRATION_ID.
	AppID int64
	// WebhookSecret is what GitHub signs deliveries with; never empty.
	WebhookSecret Secret
	// PrivateKey is the App's RSA key in PEM form; it can be read.
	PrivateKey Secret
	// OAuthClientID and OAuthClientSecret let people log in; both or neither.
	OAuthClientID     string
	OAuthClientSecret Secret
	// Address to listen on, host:port. Default 127.0.0.1:8080.
	Address string
	// PublicURL is where people and GitHub reach this server, without a slash at
	// the end; "" when not set.
	PublicURL string
	// Database is the path of the SQLite file. Default handrail.db.
	Database string
	// Defaults for repositories without a policy: HANDRAIL_DEFAULT and
	// HANDRAIL_FLOOR.
	Defaults Defaults
	// LogLevel is trace, debug, info (default), warn or error; LogFormat is json
	// (default) or console.
	LogLevel, LogFormat string
	// Warnings are settings that look like ours and are none, a line each.
	Warnings []string
}

// Secret is a text that is never printed. Reveal gives it to whoever needs it.
type Secret string

const hidden = "(hidden)"

// Format writes that there is a secret, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// String says whether there is a secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// MarshalText keeps it out of JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String is the settings in one line, without secrets.
func (s Settings) String() string {
	return fmt.Sprintf("GitHub %s (REST %s, GraphQL %s), App %d, private key %s, webhook secret %s, OAuth client %q with secret %s, address %s, public %q, database %s, enforce by default %t, floor required %t, log %s %s",
		s.WebURL, s.V3URL, s.V4URL, s.AppID, s.PrivateKey, s.WebhookSecret, s.OAuthClientID, s.OAuthClientSecret,
		s.Address, s.PublicURL, s.Database, s.Defaults.Enforce, s.Defaults.FloorRequired, s.LogLevel, s.LogFormat)
}

// Format keeps every verb from printing the key and the secrets.
func (s Settings) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// Names of the settings, as product.md and the environment have them.
const (
	nameWeb, nameV3, nameV4           = "GITHUB_WEB_URL", "GITHUB_V3_API_URL", "GITHUB_V4_API_URL"
	nameApp, nameSecret, nameKey      = "GITHUB_APP_INTEGRATION_ID", "GITHUB_APP_WEBHOOK_SECRET", "GITHUB_APP_PRIVATE_KEY"
	nameClient, nameClientSecret      = "GITHUB_OAUTH_CLIENT_ID", "GITHUB_OAUTH_CLIENT_SECRET"
	nameAddress, namePublic, nameData = "HANDRAIL_ADDRESS", "HANDRAIL_PUBLIC_URL", "HANDRAIL_DATABASE"
	nameDefault, nameFloor            = "HANDRAIL_DEFAULT", "HANDRAIL_FLOOR"
	nameLevel, nameFormat             = "HANDRAIL_LOG_LEVEL", "HANDRAIL_LOG_FORMAT"
)

// Names lists every setting, for help texts.
func Names() []string {
	return []string{
		nameWeb, nameV3, nameV4, nameApp, nameSecret, nameKey, nameClient, nameClientSecret,
		nameAddress, namePublic, nameData, nameDefault, nameFloor, nameLevel, nameFormat,
	}
}

// SettingsError is everything that is wrong with the settings, one line for
// each, saying what to set.
type SettingsError []string

// Error joins the lines.
func (e SettingsError) Error() string { return strings.Join(e, "\n") }

// Load reads the settings from a file (none if its name is "") and from the
// environment, given as os.Environ gives it. readFile is os.ReadFile. The error
// is a [SettingsError].
func Load(file string, environ []string, readFile func(string) ([]byte, error)) (Settings, error) {
	l := &loader{values: map[string]string{}, readFile: readFile}
	if file != "" {
		l.file(file)
	}
	l.environment(environ)
	s := l.settings()
	if len(l.wrong) > 0 {
		return Settings{}, SettingsError(l.wrong)
	}
	return s, nil
}

// loader gathers values by name, and what is wrong with them.
type loader struct {
	values   map[string]string
	readFile func(string) ([]byte, error)
	wrong    []string
	warnings []string
}

func (l *loader) no(format string, args ...any) {
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

func (l *loader) file(name string) {
	data, err := l.readFile(name)
	if err != nil {
		l.no("--config: the file cannot be read: %v", err)
		return
	}
	d := newDecoder(name)
	root := d.load(string(data))
	if root != nil {
		each(root, func(k, v *yaml.Node) {
			switch {
			case !slices.Contains(Names(), k.Value):
				d.problem(k, k.Value, "There is no setting "+describe(k)+".", meant(k.Value, Names()))
			case v.Kind != yaml.ScalarNode:
				d.problem(v, k.Value, k.Value+" must be a single value, not "+describe(v)+".", "")
			case !null(v):
				l.values[k.Value] = v.Value
			}
		})
	}
	for _, q := range listed(name, sorted(d.problems)) {
		q.Message = strings.ReplaceAll(q.Message, "policy", "settings file")
		if strings.HasPrefix(q.Suggest, "Begin the file") {
			q.Suggest = "Write lines such as " + nameApp + ": 12345"
		}
		l.wrong = append(l.wrong, q.String())
	}
}

func (l *loader) environment(environ []string) {
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		switch {
		case slices.Contains(Names(), name):
			if value != "" {
				l.values[name] = value
			}
		case looksOurs(name, value):
			w := "The environment sets " + name + ", which is no setting."
			if hint := nearest(name, Names()); hint != "" {
				w += ` Did you mean "` + hint + `"?`
			}
			l.warnings = append(l.warnings, w)
		}
	}
	slices.Sort(l.warnings)
}

// looksOurs says whether a variable is probably meant for us. Kubernetes makes
// variables of its own for a service called handrail (its documentation,
// "Service: environment variables").
func looksOurs(name, value string) bool {
	switch {
	case strings.HasPrefix(name, "HANDRAIL_SERVICE_"), strings.HasPrefix(name, "HANDRAIL_PORT_"), name == "HANDRAIL_PORT" && strings.Contains(value, "://"):
		return false
	}
	return strings.HasPrefix(name, "HANDRAIL_") || strings.HasPrefix(name, "GITHUB_APP_") || strings.HasPrefix(name, "GITHUB_OAUTH_")
}

func (l *loader) settings() Settings {
	s := Settings{
		AppID: l.appID(), WebhookSecret: l.webhookSecret(),
		OAuthClientID: l.values[nameClient], OAuthClientSecret: Secret(l.values[nameClientSecret]),
		Address: l.address(), Database: l.database(),
		LogLevel:  l.oneOf(nameLevel, "info", "trace", "debug", "info", "warn", "error"),
		LogFormat: l.oneOf(nameFormat, "json", "json", "console"),
		Warnings:  l.warnings,
	}
	s.WebURL, s.V3URL, s.V4URL = l.github()
	s.PublicURL = strings.TrimRight(l.webAddress(namePublic, "https://handrail.example.com"), "/")
	s.PrivateKey = l.key()
	s.Defaults.Enforce = l.oneOf(nameDefault, "observe", "observe", "enforce") == "enforce"
	s.Defaults.FloorRequired = l.oneOf(nameFloor, "none", "none", "required") == "required"
	if (s.OAuthClientID == "") != (s.OAuthClientSecret == "") {
		l.no("%s and %s belong together: set both, to let people log in, or neither", nameClient, nameClientSecret)
	}
	return s
}

func (l *loader) oneOf(name, fallback string, words ...string) string {
	v, ok := l.values[name]
	if !ok {
		return fallback
	}
	if !slices.Contains(words, v) {
		l.no("%s is %q: set it to %s", name, clip(checks.Plain(v), 60), strings.Join(words, " or "))
	}
	return v
}

func (l *loader) appID() int64 {
	v, ok := l.values[nameApp]
	if !ok {
		l.no("%s is not set: set it to the App id, the number on the App's settings page", nameApp)
		return 0
	}
	id, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil || id <= 0 {
		l.no("%s is %q: set it to the App id, a number such as 12345 (not the client id, which begins with Iv)", nameApp, clip(checks.Plain(v), 40))
		return 0
	}
	return id
}

func (l *loader) webhookSecret() Secret {
	v := l.values[nameSecret]
	switch {
	case strings.TrimSpace(v) == "":
		l.no("%s is not set: set it to the webhook secret on the App's settings page; without one anybody could send events", nameSecret)
	case strings.TrimSpace(v) != v:
		l.no("%s begins or ends with white space, which GitHub's secret does not: set it without", nameSecret)
	}
	return Secret(v)
}
