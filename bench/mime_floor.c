/* SPDX-License-Identifier: Apache-2.0 */
/* GMime's own pass over an mbox: parses each mail with its parser and decodes each part into nothing. What an import of
 * mails takes beyond this and the same reports as files is the import's own. Trusts its input: for bench/run. */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include <gmime/gmime.h>

static void decode_part(GMimeObject *parent, GMimeObject *part, gpointer user) {
  (void)parent;
  GMimeDataWrapper *content = GMIME_IS_PART(part) ? g_mime_part_get_content(GMIME_PART(part)) : NULL;
  if (!content) return;
  GMimeStream *nowhere = g_mime_stream_null_new();
  gint64 size = g_mime_data_wrapper_write_to_stream(content, nowhere);
  if (size > 0) *(gint64 *)user += size;
  g_object_unref(nowhere);
}

int main(int argc, char **argv) {
  if (argc != 2) errx(2, "usage: mime_floor MBOX");
  g_mime_init();
  int fd = open(argv[1], O_RDONLY);
  if (fd < 0) err(1, "%s", argv[1]);
  GMimeStream *stream = g_mime_stream_fs_new(fd);
  GMimeParser *parser = g_mime_parser_new_with_stream(stream);
  g_mime_parser_set_format(parser, GMIME_FORMAT_MBOX);
  unsigned long mails = 0;
  gint64 bytes = 0;
  while (!g_mime_parser_eos(parser)) {
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (!message) break;
    g_mime_message_foreach(message, decode_part, &bytes);
    g_object_unref(message);
    mails++;
  }
  g_object_unref(parser);
  g_object_unref(stream);
  printf("%lu mails, %lld bytes decoded\n", mails, (long long)bytes);
  return 0;
}
