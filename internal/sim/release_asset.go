package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"path"
	"slices"
	"time"
)

// Asset is a file of a release. GitHub sends no webhook about one.
type Asset struct {
	release          *Release
	id               int64
	name, kind       string // kind is its media type
	content          []byte
	ready            bool // its upload is done
	old              bool // from before GitHub made digests
	by               *Account
	created, updated time.Time
}

// Upload uploads a file. A release has one of a name; an immutable one takes none.
func (rel *Release) Upload(by, name string, content []byte) (*Asset, error) {
	a, err := rel.StartUpload(by, name)
	if err != nil {
		return nil, err
	}
	a.Finish(content)
	return a, nil
}

// StartUpload begins to upload a file: the release has it, without size and digest,
// until Finish.
func (rel *Release) StartUpload(by, name string) (a *Asset, err error) {
	rel.do(by, func(who *Account) {
		switch {
		case rel.immutable:
			err = errors.New("cannot upload assets to an immutable release")
		case slices.ContainsFunc(rel.assets, func(o *Asset) bool { return o.name == name }):
			err = errors.New("already_exists")
		default:
			now := rel.repo.gh.now()
			a = &Asset{release: rel, id: rel.repo.gh.id(), name: name, kind: mediaType(name), by: who, created: now, updated: now}
			rel.assets = append(rel.assets, a)
			rel.repo.gh.nodes[a.node()] = a
			a.changed(who, "uploaded")
		}
	})
	if err != nil {
		return nil, fmt.Errorf("upload %s to release %s: %w", name, rel.tag, err)
	}
	return a, nil
}

func mediaType(name string) string {
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// Finish ends an upload.
func (a *Asset) Finish(content []byte) {
	a.release.do(a.by.Login, func(who *Account) {
		a.content, a.ready, a.updated = slices.Clone(content), true, a.release.repo.gh.now()
		a.changed(who, "finished")
	})
}

// Undigested makes the asset one that was uploaded before GitHub made digests.
func (a *Asset) Undigested() *Asset {
	a.release.do(a.by.Login, func(*Account) { a.old = true })
	return a
}

// Replace puts another file in the place of one of the same name, which it deletes
// first, as `gh release upload --clobber` does.
func (rel *Release) Replace(by, name string, content []byte) (*Asset, error) {
	if err := rel.DeleteAsset(by, name); err != nil {
		return nil, err
	}
	return rel.Upload(by, name, content)
}

// DeleteAsset deletes a file of the release.
func (rel *Release) DeleteAsset(by, name string) (err error) {
	rel.do(by, func(who *Account) {
		i := slices.IndexFunc(rel.assets, func(o *Asset) bool { return o.name == name })
		switch {
		case rel.immutable:
			err = errors.New("cannot delete assets of an immutable release")
		case i < 0:
			err = errors.New("no such asset")
		default:
			a := rel.assets[i]
			rel.assets = slices.Delete(rel.assets, i, i+1)
			delete(rel.repo.gh.nodes, a.node())
			a.changed(who, "deleted")
		}
	})
	if err != nil {
		return fmt.Errorf("delete %s of release %s: %w", name, rel.tag, err)
	}
	return nil
}

// ID is the asset's id; Digest is "sha256:" and the digest of its content.
func (a *Asset) ID() int64 { return a.id }

// Digest is "sha256:" and 64 hexadecimal digits.
func (a *Asset) Digest() string {
	sum := sha256.Sum256(a.content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (a *Asset) node() string { return nodeID("RA", a.id) }

func (a *Asset) changed(by *Account, what string) {
	r := a.release.repo
	r.gh.changed(Change{Kind: "asset", Repo: r.fullName(), By: by.Login, Name: a.name, Value: what})
}
