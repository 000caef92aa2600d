package scan

import "strings"

// general are the rules that tell no provider's secrets from other text, or what
// they find is no secret by itself: a person has to look.
var general = map[string]bool{
	// By a general name, or by where it stands.
	"generic-api-key": true, "curl-auth-header": true, "curl-auth-user": true, "kubernetes-secret-yaml": true,
	"hashicorp-tf-password": true, "nuget-config-password": true, "freemius-secret-key": true,
	// Signed and often short-lived; examples in documents look the same.
	"jwt": true, "jwt-base64": true,
	// By a file's name.
	"pkcs12-file": true,
	// Known to everybody who uses what they name: identifiers, and keys that are public.
	"adobe-client-id": true, "asana-client-id": true, "bitbucket-client-id": true, "discord-client-id": true,
	"linkedin-client-id": true, "looker-client-id": true, "messagebird-client-id": true, "plaid-client-id": true,
	"sendbird-access-id": true, "sumologic-access-id": true, "flutterwave-public-key": true, "lob-pub-api-key": true,
	"mailgun-pub-key": true, "new-relic-browser-api-token": true,
}

// doubtful says of what a strong rule finds that it may be something else. It is
// still said: what makes it doubtful can be written by whoever has a secret to hide.
func (r *rule) doubtful(secret string) bool {
	switch {
	case r.id == "private-key":
		return hollow(secret) // what is written in its comments is nothing to it
	case r.named && !mixed(secret):
		return true
	case r.id == "sourcegraph-access-token" && !strings.HasPrefix(strings.ToLower(secret), "sgp_"):
		return true // any commit's name
	}
	return enumerated(secret)
}

// hollow says that there is less between the lines of a private key than the
// smallest one has, 64 letters of base64 (RFC 8410, 10.3): dots, a variable's name,
// code. However its lines are broken, a key is not hollow.
func hollow(secret string) bool {
	letters := 0
	for line := range strings.SplitSeq(strings.ReplaceAll(secret, `\n`, "\n"), "\n") {
		words := strings.Fields(line)
		for _, word := range words {
			word = strings.Trim(word, "\"'`,;+=\\")
			long := len(word) >= 16 && strings.ContainsAny(word, "0123456789+/")
			if (len(words) == 1 || long) && strings.Trim(word, codeLetters) == "" {
				letters += len(word)
			}
		}
	}
	return letters < 48
}

const digits = "0123456789"

// mixed says that a secret without a shape has both letters and digits, as all but
// some in a thousand random ones do and words do not.
func mixed(secret string) bool {
	return strings.ContainsAny(secret, digits) && strings.Trim(secret, digits+".-_=") != ""
}

// enumerated says that eight characters follow each other as in the alphabet, as
// in examples; of random tokens not one in a thousand million does.
func enumerated(secret string) bool {
	run := 1
	for i := 1; i < len(secret); i++ {
		if secret[i] != secret[i-1]+1 {
			run = 0
		}
		if run++; run == 8 {
			return true
		}
	}
	return false
}

// spellings are how words in rules' ids are written.
var spellings = map[string]string{
	"api": "API", "aws": "AWS", "gcp": "GCP", "jwt": "JWT", "pat": "personal access token", "npm": "npm", "ca": "CA",
	"github": "GitHub", "gitlab": "GitLab", "id": "ID", "url": "URL", "oauth": "OAuth", "openai": "OpenAI", "ptt": "pipeline trigger token",
	"rrt": "runner registration token", "pypi": "PyPI", "tf": "Terraform", "ad": "AD", "cicd": "CI/CD", "yaml": "YAML",
	"scim": "SCIM", "personnal": "personal", "jfrog": "JFrog", "hubspot": "HubSpot", "digitalocean": "DigitalOcean",
	"curl": "curl", "pkcs12": "PKCS #12", "auth": "authorization",
}

// title is what a rule finds, in words: of aws-access-token "AWS access token".
// The rules' own descriptions are advertisements.
func title(id string) string {
	words := strings.Split(id, "-")
	for i, w := range words {
		if s, ok := spellings[w]; ok {
			words[i] = s
		} else if i == 0 {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}
