package sim

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Artifact is a zip archive that a workflow run left.
type Artifact struct {
	run              *WorkflowRun
	attempt          int
	id               int64
	name             string
	archive          []byte
	created, expires time.Time
}

// artifactLife is GitHub's default retention.
const artifactLife = 90 * 24 * time.Hour

// ID is the artifact's id.
func (a *Artifact) ID() int64 { return a.id }

// Leave leaves files as an artifact, in a zip archive as actions/upload-artifact
// v4 makes it. One of the same name and attempt is replaced, as by its
// `overwrite`; those of earlier attempts stay.
func (w *WorkflowRun) Leave(name string, files map[string][]byte) *Artifact {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, path := range sortedKeys(files) {
		// A bytes.Buffer takes all that is written.
		f, _ := z.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: w.repo.gh.Now()})
		_, _ = f.Write(files[path])
	}
	_ = z.Close()
	return w.LeaveArchive(name, buf.Bytes())
}

// LeaveArchive is Leave for an archive as it is, which need not be one.
func (w *WorkflowRun) LeaveArchive(name string, archive []byte) *Artifact {
	a := &Artifact{run: w, name: name, archive: bytes.Clone(archive)}
	w.do(func() {
		gh := w.repo.gh
		a.id, a.attempt, a.created = gh.id(), w.attempt, gh.now()
		a.expires = a.created.Add(artifactLife)
		w.artifacts = slices.DeleteFunc(w.artifacts, func(o *Artifact) bool { return o.name == name && o.attempt == a.attempt })
		w.artifacts = append(w.artifacts, a)
		gh.nodes[a.node()] = a
	})
	return a
}

// Expire ends the artifact's life before its 90 days: it is still listed, and
// cannot be downloaded.
func (a *Artifact) Expire() { a.run.do(func() { a.expires = a.run.repo.gh.now() }) }

func (a *Artifact) node() string { return nodeID("AF", a.id) }

func (a *Artifact) expired() bool { return !a.run.repo.gh.now().Before(a.expires) }

func (a *Artifact) digest() string {
	sum := sha256.Sum256(a.archive)
	return "sha256:" + hex.EncodeToString(sum[:])
}
