package org.posthorn.delivery.sevenbit;

import java.util.stream.Stream;

/** Messages, and what they must become for a server that takes no 8-bit octets. */
final class ConversionExamples {
  /** What becomes of a message; letters stand for octets, as in ISO-8859-1. */
  record Example(String what, String before, String after) {
    @Override
    public String toString() {
      return what;
    }
  }

  /** Returns all. */
  static Stream<Example> all() {
    return Stream.of(
        new Example("a text is quoted-printable", """
                                                  MIME-Version: 1.0
                                                  Content-Type: text/plain; charset=iso-8859-1
                                                  Content-Transfer-Encoding: 8bit
                                                  Subject: x

                                                  Grüße = greetings\s
                                                  """, """
                                                       MIME-Version: 1.0
                                                       Content-Type: text/plain; charset=iso-8859-1
                                                       Subject: x
                                                       Content-Transfer-Encoding: quoted-printable

                                                       Gr=FC=DFe =3D greetings=20
                                                       """),
        new Example("anything else is base64", """
                                               MIME-Version: 1.0
                                               Content-Type: application/octet-stream
                                               Content-Transfer-Encoding: 8bit

                                               ü
                                               """, """
                                                    MIME-Version: 1.0
                                                    Content-Type: application/octet-stream
                                                    Content-Transfer-Encoding: base64

                                                    /A0K
                                                    """),
        new Example("mail without MIME becomes MIME", """
                                                      Subject: x

                                                      ü
                                                      """, """
                                                           Subject: x
                                                           MIME-Version: 1.0
                                                           Content-Type: text/plain; charset=unknown-8bit
                                                           Content-Transfer-Encoding: quoted-printable

                                                           =FC
                                                           """),
        new Example("only parts that need it are encoded, and the line end before a delimiter belongs to it",
            """
            MIME-Version: 1.0
            Content-Type: multipart/mixed;
             boundary="b b"
            Content-Transfer-Encoding: 8bit

            préamble
            --b b
            Content-Type: text/plain

            ascii
            --b b
            Content-Type: image/x
            content-transfer-encoding : BINARY (no)

            ü
            --b b\s
            Content-Transfer-Encoding: 8bit

            ascii too
            --b b

            ü
            --b b--
            épilogue
            """, """
                 MIME-Version: 1.0
                 Content-Type: multipart/mixed;
                  boundary="b b"
                 Content-Transfer-Encoding: 7bit

                 pr?amble
                 --b b
                 Content-Type: text/plain

                 ascii
                 --b b
                 Content-Type: image/x
                 Content-Transfer-Encoding: base64

                 /A==
                 --b b\s
                 Content-Transfer-Encoding: 7bit

                 ascii too
                 --b b
                 Content-Transfer-Encoding: quoted-printable

                 =FC
                 --b b--
                 ?pilogue
                 """),
        new Example("an enclosed message is converted within, never encoded itself",
            """
            MIME-Version: 1.0
            Content-Type: multipart/digest; boundary=x

            --x

            Subject: enclosed

            ü
            --x
            Content-Type: message/rfc822
            Content-Transfer-Encoding: 8bit

            Mime-Version: 1.0
            Content-Type: multipart/alternative; boundary=y

            --y

            é
            --x--
            """, """
                 MIME-Version: 1.0
                 Content-Type: multipart/digest; boundary=x

                 --x

                 Subject: enclosed
                 MIME-Version: 1.0
                 Content-Type: text/plain; charset=unknown-8bit
                 Content-Transfer-Encoding: quoted-printable

                 =FC
                 --x
                 Content-Type: message/rfc822
                 Content-Transfer-Encoding: 7bit

                 Mime-Version: 1.0
                 Content-Type: multipart/alternative; boundary=y

                 --y
                 Content-Transfer-Encoding: quoted-printable

                 =E9
                 --x--
                 """),
        new Example("something signed beside it stays as it is", """
                                                                 Content-Type: multipart/mixed; boundary=x

                                                                 --x
                                                                 Content-Type: multipart/signed; boundary=s
                                                                 Content-Transfer-Encoding: 8bit

                                                                 --s
                                                                 Content-Transfer-Encoding:   8bit

                                                                 ascii
                                                                 --s
                                                                 Content-Type: application/pgp-signature

                                                                 sig
                                                                 --s--
                                                                 --x

                                                                 ü
                                                                 --x--
                                                                 """, """
                                                                      Content-Type: multipart/mixed; boundary=x
                                                                      MIME-Version: 1.0

                                                                      --x
                                                                      Content-Type: multipart/signed; boundary=s
                                                                      Content-Transfer-Encoding: 7bit

                                                                      --s
                                                                      Content-Transfer-Encoding:   8bit

                                                                      ascii
                                                                      --s
                                                                      Content-Type: application/pgp-signature

                                                                      sig
                                                                      --s--
                                                                      --x
                                                                      Content-Transfer-Encoding: quoted-printable

                                                                      =FC
                                                                      --x--
                                                                      """),
        new Example("stray octets in encoded parts are dealt with alone", """
                                                                          MIME-Version: 1.0
                                                                          Content-Type: multipart/mixed; boundary=x

                                                                          --x
                                                                          Content-Transfer-Encoding: quoted-printable

                                                                          =3D ü =
                                                                          x
                                                                          --x
                                                                          Content-Type: image/x
                                                                          Content-Transfer-Encoding: base64

                                                                          AAüAA
                                                                          --x--
                                                                          """,
            """
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=x

            --x
            Content-Transfer-Encoding: quoted-printable

            =3D =FC =
            x
            --x
            Content-Type: image/x
            Content-Transfer-Encoding: base64

            AAAA
            --x--
            """),
        new Example("header fields get encoded-words, which carry the space between them",
            """
            Subject: Gruß für übermorgen, é
            From: "Jörg M" <j@example.org> (Köln)

            ascii
            """,
            """
            Subject: =?unknown-8bit?Q?Gru=DF?= =?unknown-8bit?Q?_f=FCr?= =?unknown-8bit?Q?_=FCbermorgen?=, =?unknown-8bit?Q?=E9?=
            From: "=?unknown-8bit?Q?J=F6rg?= M" <j@example.org> (=?unknown-8bit?Q?K=F6ln?=)

            ascii
            """),
        new Example("what must not be encoded by old rules, but may by new ones, is",
            """
            MIME-Version: 1.0
            Content-Type: multipart/report; boundary=x

            --x
            Content-Type: message/global-delivery-status
            Content-Transfer-Encoding: 8bit

            Final-Recipient: utf-8; ü
            --x
            Content-Type: message/global

            ü
            --x--
            """, """
                 MIME-Version: 1.0
                 Content-Type: multipart/report; boundary=x

                 --x
                 Content-Type: message/global-delivery-status
                 Content-Transfer-Encoding: quoted-printable

                 Final-Recipient: utf-8; =FC
                 --x
                 Content-Type: message/global
                 Content-Transfer-Encoding: base64

                 /A==
                 --x--
                 """));
  }

  private ConversionExamples() {}
}
