package config

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/handrail-bot/handrail/checks"
)

// github is the three addresses of GitHub. What is not set follows from the web
// address: github.com and the data-residency hosts (SUBDOMAIN.ghe.com) have
// their API on a host of its own, Enterprise Server has it under /api
// (GitHub Docs, "Getting started with the REST API" and "Forming calls with
// GraphQL").
func (l *loader) github() (web, v3, v4 string) {
	web = strings.TrimRight(l.webAddress(nameWeb, "https://github.com"), "/")
	v3 = l.webAddress(nameV3, "https://github.example.com/api/v3")
	v4 = l.webAddress(nameV4, "https://github.example.com/api/graphql")
	if web == "" {
		if _, set := l.values[nameWeb]; !set && (v3 != "" || v4 != "") && !strings.HasPrefix(v3+v4, "https://api.github.com") {
			l.no("%s is not set, though an API address is: set it to the server's web address", nameWeb)
		}
		web = "https://github.com"
	}
	u, err := url.Parse(web)
	if err != nil {
		return web, v3, v4 // reported
	}
	host := strings.ToLower(u.Hostname())
	rest, graph := web+"/api/v3", web+"/api/graphql"
	if host == "github.com" || strings.HasSuffix(host, ".ghe.com") {
		rest = u.Scheme + "://api." + host
		graph = rest + "/graphql"
	}
	if v3 == "" {
		v3 = rest
	}
	if v4 == "" {
		v4 = graph
	}
	return web, strings.TrimRight(v3, "/"), strings.TrimRight(v4, "/")
}

// webAddress is a web address; GitHub's must be https, but on this machine itself.
func (l *loader) webAddress(name, example string) string {
	v, ok := l.values[name]
	if !ok {
		return ""
	}
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		l.no("%s is no web address: set it to one such as %s", name, example)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		l.no("%s has more than host and path in it: set it to an address such as %s", name, example)
	case u.Scheme == "http" && name != namePublic && !Loopback(u.Hostname()):
		l.no("%s is %q, where tokens would travel in the clear: set it to the https:// address", name, clip(checks.Plain(v), 80))
	default:
		return v
	}
	return ""
}

// Loopback says whether a host is this machine, so that nothing sent to it travels.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (l *loader) address() string {
	v, ok := l.values[nameAddress]
	if !ok {
		return "127.0.0.1:8080"
	}
	_, port, err := net.SplitHostPort(v)
	n, numErr := strconv.Atoi(port)
	if err != nil || numErr != nil || n < 0 || n > 65535 {
		l.no("%s is %q: set it to host:port, for example 127.0.0.1:8080 or :8080 for every interface", nameAddress, clip(checks.Plain(v), 60))
	}
	return v
}

func (l *loader) database() string {
	v, ok := l.values[nameData]
	switch {
	case !ok:
		return "handrail.db"
	case strings.HasPrefix(v, "postgres://"), strings.HasPrefix(v, "postgresql://"):
		l.no("%s names a PostgreSQL database, which this version does not support yet: set it to the path of an SQLite file, for example handrail.db", nameData)
	case strings.Contains(v, "://"), strings.HasPrefix(v, "file:"), strings.HasPrefix(v, ":memory:"):
		l.no("%s is no path: set it to the path of an SQLite file, for example handrail.db", nameData)
	}
	return v
}

// key reads the private key, which is given as PEM or as a file's path. What is
// wrong with it is said without quoting it.
func (l *loader) key() Secret {
	v, ok := l.values[nameKey]
	if !ok || strings.TrimSpace(v) == "" {
		l.no("%s is not set: set it to the path of the .pem file that GitHub made for the App, or to its text", nameKey)
		return ""
	}
	if !strings.Contains(v, "-----BEGIN") {
		data, err := l.readFile(strings.TrimSpace(v))
		if err != nil {
			l.no("%s is neither a key in PEM form nor a file that can be read: set it to the path of the .pem file that GitHub made for the App", nameKey)
			return ""
		}
		v = string(data)
	} else if !strings.Contains(v, "\n") {
		// Many tools cannot pass line ends in a variable and write \n for them.
		v = strings.ReplaceAll(v, `\n`, "\n")
	}
	block, _ := pem.Decode([]byte(v))
	if block == nil {
		l.no("%s holds no key in PEM form: it must begin with -----BEGIN RSA PRIVATE KEY----- and have its line ends", nameKey)
		return ""
	}
	if fault := keyFault(block); fault != "" {
		l.no("%s %s: generate a new private key on the App's settings page and set this to its file", nameKey, fault)
		return ""
	}
	return Secret(pem.EncodeToMemory(block))
}

// keyFault says what is wrong with a key, "" if nothing: PKCS #1 is GitHub's
// form, and PKCS #8 what tools convert it to.
func keyFault(block *pem.Block) string {
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return ""
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "" {
			return "is encrypted, and there is no setting for its password"
		}
		return "is not a private key that can be read"
	}
	if _, ok := key.(*rsa.PrivateKey); !ok {
		return "is not an RSA key, which is the only kind that GitHub takes"
	}
	return ""
}
