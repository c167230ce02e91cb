# SPDX-License-Identifier: Apache-2.0
# Turns a text file into a C string literal, line by line: the SQL files are read by people and compiled in.
s/\\/\\\\/g
s/"/\\"/g
s/.*/"&\\n"/
