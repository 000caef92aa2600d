package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handrail-bot/handrail/config"
)

// keys are private keys in the forms that people have them in.
type keys struct{ pkcs1, pkcs8, ec string }

func makeKeys(t *testing.T) keys {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	eight, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	armour := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return keys{
		pkcs1: armour("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)),
		pkcs8: armour("PRIVATE KEY", eight), ec: armour("PRIVATE KEY", ec),
	}
}

func load(environ []string, files map[string]string) (config.Settings, error) {
	name := ""
	if _, ok := files["handrail.yml"]; ok {
		name = "handrail.yml"
	}
	return config.Load(name, environ, func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	})
}

func TestEverySettingHasADefaultButThoseThatGitHubGives(t *testing.T) {
	k := makeKeys(t)
	for form, key := range map[string]string{
		"PKCS #1": k.pkcs1, "PKCS #8": k.pkcs8, "a file": "/etc/key.pem", "one line": strings.ReplaceAll(k.pkcs1, "\n", `\n`),
	} {
		s, err := load([]string{"GITHUB_APP_INTEGRATION_ID=12345", "GITHUB_APP_WEBHOOK_SECRET=s3cret", "GITHUB_APP_PRIVATE_KEY=" + key, "HANDRAIL_DEFAULT="},
			map[string]string{"/etc/key.pem": k.pkcs1})
		if err != nil {
			t.Fatalf("key as %s: %v", form, err)
		}
		if !strings.Contains(s.PrivateKey.Reveal(), "PRIVATE KEY-----\n") {
			t.Errorf("key as %s: was not read", form)
		}
		s.PrivateKey = ""
		want := config.Settings{
			WebURL: "https://github.com", V3URL: "https://api.github.com", V4URL: "https://api.github.com/graphql",
			AppID: 12345, WebhookSecret: "s3cret", Address: "127.0.0.1:8080", Database: "handrail.db", LogLevel: "info", LogFormat: "json",
		}
		if d := cmp.Diff(want, s); d != "" {
			t.Errorf("key as %s: %s", form, d)
		}
	}
}

func TestTheAddressesOfGitHubFollowFromItsWebAddress(t *testing.T) {
	k := makeKeys(t)
	for _, c := range []struct{ web, v3, v4, wantV3, wantV4 string }{
		{"https://github.com/", "", "", "https://api.github.com", "https://api.github.com/graphql"},
		{"https://git.acme.example", "", "", "https://git.acme.example/api/v3", "https://git.acme.example/api/graphql"},
		{"https://acme.ghe.com", "", "", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"},
		{"http://127.0.0.1:9/", "", "", "http://127.0.0.1:9/api/v3", "http://127.0.0.1:9/api/graphql"},
		{"https://git.acme.example", "https://x.example/v3/", "https://x.example/q", "https://x.example/v3", "https://x.example/q"},
	} {
		s, err := load([]string{
			"GITHUB_APP_INTEGRATION_ID=1", "GITHUB_APP_WEBHOOK_SECRET=x", "GITHUB_APP_PRIVATE_KEY=" + k.pkcs1,
			"GITHUB_WEB_URL=" + c.web, "GITHUB_V3_API_URL=" + c.v3, "GITHUB_V4_API_URL=" + c.v4,
		}, nil)
		if err != nil || s.V3URL != c.wantV3 || s.V4URL != c.wantV4 {
			t.Errorf("%s: REST %s, GraphQL %s, %v", c.web, s.V3URL, s.V4URL, err)
		}
	}
}

func TestAFileHasTheSameNamesAndTheEnvironmentWins(t *testing.T) {
	k := makeKeys(t)
	file := "GITHUB_APP_INTEGRATION_ID: 7\nGITHUB_APP_WEBHOOK_SECRET: from-file\nGITHUB_APP_PRIVATE_KEY: |\n  " +
		strings.ReplaceAll(strings.TrimSpace(k.pkcs1), "\n", "\n  ") + "\nHANDRAIL_DATABASE: /data/h.db\nHANDRAIL_FLOOR: required\n"
	s, err := load([]string{"HANDRAIL_DATABASE=other.db", "HANDRAIL_DEFAULT=enforce"}, map[string]string{"handrail.yml": file})
	if err != nil {
		t.Fatal(err)
	}
	if s.AppID != 7 || s.WebhookSecret != "from-file" || s.Database != "other.db" || !s.Defaults.FloorRequired || !s.Defaults.Enforce {
		t.Errorf("got %s", s)
	}
}

func TestEveryWrongSettingIsOneLineThatSaysWhatToSet(t *testing.T) {
	k := makeKeys(t)
	good := []string{"GITHUB_APP_INTEGRATION_ID=1", "GITHUB_APP_WEBHOOK_SECRET=x", "GITHUB_APP_PRIVATE_KEY=" + k.pkcs1}
	for _, c := range []struct {
		name    string
		environ []string
		files   map[string]string
		want    []string
	}{
		{name: "nothing set", want: []string{
			"GITHUB_APP_INTEGRATION_ID is not set: set it to the App id, the number on the App's settings page",
			"GITHUB_APP_WEBHOOK_SECRET is not set: set it to the webhook secret on the App's settings page; without one anybody could send events",
			"GITHUB_APP_PRIVATE_KEY is not set: set it to the path of the .pem file that GitHub made for the App, or to its text",
		}},
		{name: "all of it wrong", environ: []string{
			"GITHUB_APP_INTEGRATION_ID=Iv1.abc", "GITHUB_APP_WEBHOOK_SECRET=x\n", "GITHUB_APP_PRIVATE_KEY=/nowhere.pem", "GITHUB_WEB_URL=github.com",
			"HANDRAIL_ADDRESS=8080", "HANDRAIL_DATABASE=postgres://u:hunter2@db/h", "HANDRAIL_DEFAULT=warn", "HANDRAIL_FLOOR=yes",
			"HANDRAIL_LOG_LEVEL=loud", "HANDRAIL_LOG_FORMAT=xml", "GITHUB_OAUTH_CLIENT_ID=Iv1.x", "HANDRAIL_PUBLIC_URL=handrail",
		}, want: []string{
			`GITHUB_APP_INTEGRATION_ID is "Iv1.abc": set it to the App id, a number such as 12345 (not the client id, which begins with Iv)`,
			"GITHUB_APP_WEBHOOK_SECRET begins or ends with white space, which GitHub's secret does not: set it without",
			`HANDRAIL_ADDRESS is "8080": set it to host:port, for example 127.0.0.1:8080 or :8080 for every interface`,
			"HANDRAIL_DATABASE names a PostgreSQL database, which this version does not support yet: set it to the path of an SQLite file, for example handrail.db",
			`HANDRAIL_LOG_LEVEL is "loud": set it to trace or debug or info or warn or error`,
			`HANDRAIL_LOG_FORMAT is "xml": set it to json or console`,
			"GITHUB_WEB_URL is no web address: set it to one such as https://github.com",
			"HANDRAIL_PUBLIC_URL is no web address: set it to one such as https://handrail.example.com",
			"GITHUB_APP_PRIVATE_KEY is neither a key in PEM form nor a file that can be read: set it to the path of the .pem file that GitHub made for the App",
			`HANDRAIL_DEFAULT is "warn": set it to observe or enforce`,
			`HANDRAIL_FLOOR is "yes": set it to none or required`,
			"GITHUB_OAUTH_CLIENT_ID and GITHUB_OAUTH_CLIENT_SECRET belong together: set both, to let people log in, or neither",
		}},
		{name: "a key of another kind", environ: append(slices.Clone(good), "GITHUB_APP_PRIVATE_KEY="+k.ec), want: []string{
			"GITHUB_APP_PRIVATE_KEY is not an RSA key, which is the only kind that GitHub takes: generate a new private key on the App's settings page and set this to its file",
		}},
		{name: "a key cut short", environ: append(slices.Clone(good), "GITHUB_APP_PRIVATE_KEY="+k.pkcs1[:200]), want: []string{
			"GITHUB_APP_PRIVATE_KEY holds no key in PEM form: it must begin with -----BEGIN RSA PRIVATE KEY----- and have its line ends",
		}},
		{name: "tokens in the clear", environ: append(slices.Clone(good), "GITHUB_WEB_URL=http://git.acme.example"), want: []string{
			`GITHUB_WEB_URL is "http://git.acme.example", where tokens would travel in the clear: set it to the https:// address`,
		}},
		{name: "a file with slips", environ: good, files: map[string]string{"handrail.yml": "HANDRAIL_DATABSE: x.db\nHANDRAIL_FLOOR: [none]\n"}, want: []string{
			`handrail.yml:1:1: There is no setting "HANDRAIL_DATABSE". Did you mean "HANDRAIL_DATABASE"?`,
			"handrail.yml:2:17: HANDRAIL_FLOOR must be a single value, not a list.",
		}},
		{name: "an empty file", environ: good, files: map[string]string{"handrail.yml": ""}, want: []string{
			"handrail.yml:1:1: The settings file is empty. Write lines such as GITHUB_APP_INTEGRATION_ID: 12345",
		}},
	} {
		_, err := load(c.environ, c.files)
		var wrong config.SettingsError
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if d := cmp.Diff(c.want, []string(wrong)); d != "" {
			t.Errorf("%s:\n%s", c.name, d)
		}
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "MII") {
			t.Errorf("%s: a secret is in %q", c.name, err)
		}
	}
}

func TestAMisspeltVariableIsPointedOut(t *testing.T) {
	k := makeKeys(t)
	s, err := load([]string{
		"GITHUB_APP_INTEGRATION_ID=1", "GITHUB_APP_WEBHOOK_SECRET=x", "GITHUB_APP_PRIVATE_KEY=" + k.pkcs1,
		"HANDRAIL_LOGLEVEL=debug", "GITHUB_APP_ID=1", "HANDRAIL_PORT=tcp://10.0.0.1:80", "HANDRAIL_SERVICE_HOST=10.0.0.1", "GITHUB_TOKEN=x", "HOME=/root",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"The environment sets GITHUB_APP_ID, which is no setting.",
		`The environment sets HANDRAIL_LOGLEVEL, which is no setting. Did you mean "HANDRAIL_LOG_LEVEL"?`,
	}
	if d := cmp.Diff(want, s.Warnings); d != "" {
		t.Error(d)
	}
}

func TestNoSecretIsEverPrinted(t *testing.T) {
	k := makeKeys(t)
	s, err := load([]string{
		"GITHUB_APP_INTEGRATION_ID=1", "GITHUB_APP_WEBHOOK_SECRET=hunter2", "GITHUB_APP_PRIVATE_KEY=" + k.pkcs1,
		"GITHUB_OAUTH_CLIENT_ID=Iv1.x", "GITHUB_OAUTH_CLIENT_SECRET=hunter3",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{
		s.String(), fmt.Sprint(s), fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", s), fmt.Sprintf("%v", &s), fmt.Sprintf("%q %x %s", s.WebhookSecret, s.PrivateKey, s.OAuthClientSecret), string(asJSON),
	} {
		if strings.Contains(out, "hunter") || strings.Contains(out, fmt.Sprintf("%x", "hunter")) || strings.Contains(out, "MII") {
			t.Errorf("a secret is in %q", out)
		}
	}
}
