# One static binary, no shell, not root, one volume. Build and run:
#   docker build -t handrail .
#   docker run -p 8080:8080 -v handrail:/data --env-file handrail.env handrail
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /handrail ./cmd/handrail \
 && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /handrail /handrail
COPY --from=build --chown=65532:65532 /data /data
ENV HANDRAIL_ADDRESS=0.0.0.0:8080 \
    HANDRAIL_DATABASE=/data/handrail.db
USER 65532:65532
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/handrail"]
CMD ["serve"]
