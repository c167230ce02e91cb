/* SPDX-License-Identifier: Apache-2.0 */
/* The floor under every import: reads the files it is given, inflates them and lets libxml2 tell empty handlers about
 * them. It keeps nothing, so whatever an import takes beyond this is the import's own. Trusts its input: for bench/run.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <zlib.h>

#define CHUNK_BYTES (64 * 1024)
#define ZIP_LOCAL_HEADER_BYTES 30
#define ZIP_METHOD_DEFLATE 8

/* One file on its way to the parser. The inflater is reset, never rebuilt, between files. */
struct source {
  int fd;
  bool packed, ended;
  z_stream raw, wrapped; /* for zip entries; for gzip and zlib */
  z_stream *inflater;    /* which of the two */
  unsigned char in[CHUNK_BYTES];
  size_t held, at; /* plain bytes: in[at, held) */
};

struct pass {
  struct source source;
  xmlParserCtxtPtr parser;
  xmlSAXHandler sax;
  uint64_t files, xml_bytes;
};

static size_t fill(struct source *s) {
  ssize_t got = read(s->fd, s->in, sizeof(s->in));
  if (got < 0) err(1, "read");
  s->at = 0;
  s->held = (size_t)got;
  return s->held;
}

static unsigned little_16(const unsigned char *p) { return p[0] | (unsigned)p[1] << 8; }

/* What it is, by its first bytes; of a zip the first entry is read, whose length deflate tells by itself. */
static void start(struct source *s) {
  static const unsigned char zip_magic[4] = {'P', 'K', 3, 4};
  s->ended = s->packed = false;
  fill(s);
  if (s->held > ZIP_LOCAL_HEADER_BYTES && memcmp(s->in, zip_magic, sizeof(zip_magic)) == 0) {
    s->packed = little_16(s->in + 8) == ZIP_METHOD_DEFLATE;
    s->at = ZIP_LOCAL_HEADER_BYTES + little_16(s->in + 26) + little_16(s->in + 28);
    if (!s->packed || s->at > s->held) errx(1, "a zip entry as this program does not read it");
    s->inflater = &s->raw;
  } else if (s->held > 2 && s->in[0] == 0x1f && s->in[1] == 0x8b) {
    s->packed = true;
    s->inflater = &s->wrapped;
  }
  if (!s->packed) return;
  inflateReset(s->inflater);
  s->inflater->next_in = s->in + s->at;
  s->inflater->avail_in = (uInt)(s->held - s->at);
}

static int read_plain(struct source *s, char *buffer, int size) {
  if (s->at == s->held && fill(s) == 0) return 0;
  size_t part = s->held - s->at < (size_t)size ? s->held - s->at : (size_t)size;
  memcpy(buffer, s->in + s->at, part);
  s->at += part;
  return (int)part;
}

static int read_packed(struct source *s, char *buffer, int size) {
  z_stream *z = s->inflater;
  z->next_out = (unsigned char *)buffer;
  z->avail_out = (uInt)size;
  while (!s->ended && z->avail_out > 0) {
    if (z->avail_in == 0) {
      z->avail_in = (uInt)fill(s);
      z->next_in = s->in;
    }
    int code = inflate(z, Z_NO_FLUSH);
    if (code == Z_STREAM_END)
      s->ended = true;
    else if (code != Z_OK)
      errx(1, "inflate: %s", z->msg ? z->msg : "truncated");
  }
  return size - (int)z->avail_out;
}

static int read_callback(void *user, char *buffer, int size) {
  struct pass *p = user;
  int got = p->source.packed ? read_packed(&p->source, buffer, size) : read_plain(&p->source, buffer, size);
  p->xml_bytes += (uint64_t)got;
  return got;
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
                     const xmlChar **namespaces, int attribute_count, int defaulted, const xmlChar **attributes) {
  (void)user, (void)name, (void)prefix, (void)uri, (void)namespace_count, (void)namespaces;
  (void)attribute_count, (void)defaulted, (void)attributes;
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
  (void)user, (void)name, (void)prefix, (void)uri;
}

static void on_text(void *user, const xmlChar *text, int length) { (void)user, (void)text, (void)length; }

static void pass_file(struct pass *p, const char *path) {
  p->source.fd = open(path, O_RDONLY | O_CLOEXEC);
  if (p->source.fd < 0) err(1, "%s", path);
  start(&p->source);
  /* One context for all files is the cheapest way libxml2 offers; the first file makes it. */
  if (!p->parser) {
    p->parser = xmlCreateIOParserCtxt(&p->sax, NULL, read_callback, NULL, p, XML_CHAR_ENCODING_NONE);
    if (!p->parser) errx(1, "no memory");
    xmlParseDocument(p->parser);
  } else {
    xmlCtxtReadIO(p->parser, read_callback, NULL, p, NULL, NULL, 0);
  }
  close(p->source.fd);
  if (!p->parser->wellFormed) errx(1, "%s: not well-formed", path);
  p->files++;
}

static void pass_path(struct pass *p, const char *path) {
  struct stat status;
  if (stat(path, &status) < 0) err(1, "%s", path);
  if (!S_ISDIR(status.st_mode)) {
    pass_file(p, path);
    return;
  }
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, alphasort);
  if (count < 0) err(1, "%s", path);
  for (int i = 0; i < count; i++) {
    char *inner;
    if (entries[i]->d_name[0] != '.') {
      if (asprintf(&inner, "%s/%s", path, entries[i]->d_name) < 0) errx(1, "no memory");
      pass_path(p, inner);
      free(inner);
    }
    free(entries[i]);
  }
  free(entries);
}

int main(int argc, char **argv) {
  static struct pass p = {
      .sax = {
          .initialized = XML_SAX2_MAGIC, .startElementNs = on_start, .endElementNs = on_end, .characters = on_text}};
  if (argc < 2) errx(2, "usage: floor FILE-OR-FOLDER...");
  if (inflateInit2(&p.source.raw, -MAX_WBITS) != Z_OK || inflateInit2(&p.source.wrapped, MAX_WBITS + 32) != Z_OK)
    errx(1, "no memory");
  for (int i = 1; i < argc; i++) pass_path(&p, argv[i]);
  printf("{\"files\": %llu, \"xml_bytes\": %llu}\n", (unsigned long long)p.files, (unsigned long long)p.xml_bytes);
  xmlFreeParserCtxt(p.parser);
  inflateEnd(&p.source.raw);
  inflateEnd(&p.source.wrapped);
  xmlCleanupParser();
  return 0;
}
