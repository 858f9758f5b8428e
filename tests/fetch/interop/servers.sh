# Servers and proxies of others on the lab's loopback, with all that they need in the directory $PWD.
#  nginx 80, 443 (TLS), 444 (TLS, HTTP/2), 445 (wants a client's certificate), and one port for each certificate
#  caddy 543 (HTTP/1.1, 2 and 3), 544 (the same without TLS)    haproxy 643 (TLS), 681 (PROXY protocol), 682 (refuses)
#  tinyproxy 800, 801 (user:pass)    microsocks 810, 811 (user:pass)
umask 022
mkdir -p www/dir www/basic www/slow log tmp
export HOME=$PWD XDG_DATA_HOME=$PWD/tmp XDG_CONFIG_HOME=$PWD/tmp
printf 'hello\n' > www/index.html
printf 'secret\n' > www/basic/index.html
head -c 200000 /dev/zero | tr '\0' 'a' > www/large.txt
head -c 1000000 /dev/zero > www/slow/zeros
seq 3000 > www/numbers.txt
touch -d '2023-11-14 22:13:20 UTC' www/*.* www/*/*
printf 'user:%s\n' "$(openssl passwd -apr1 pass)" > htpasswd

newest() { openssl req -newkey "$@" -nodes 2> /dev/null; }
root() { # file, name
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.pem -days 3650 -subj "/CN=$2" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2> /dev/null
}
leaf() { # file, issuer, extensions, then options of x509; the key is of $key, the name $subject
  local name=$1 issuer=$2 extensions=$3; shift 3
  newest ${key:-ec -pkeyopt ec_paramgen_curve:P-256} -keyout $name.key -out $name.csr -subj "/CN=${subject:-localhost}"
  printf "$extensions" > $name.ext
  openssl x509 -req -in $name.csr -CA $issuer.pem -CAkey $issuer.key -set_serial 0x$(openssl rand -hex 8) -extfile $name.ext -out $name.pem -days 365 "$@" 2> /dev/null
  cat $name.pem inter.pem > $name.chain 2> /dev/null
}
names='subjectAltName=DNS:localhost,DNS:*.lab.test,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n'
root ca 'root of others'
root unknown-ca 'root that nobody has'
subject='intermediate of others' leaf inter ca 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n'
leaf good inter "$names"
leaf wrong inter 'subjectAltName=DNS:wrong.example\nextendedKeyUsage=serverAuth\n'
leaf nosan inter 'extendedKeyUsage=serverAuth\n'
leaf nousage inter 'subjectAltName=DNS:localhost\nextendedKeyUsage=clientAuth\n'
leaf unknown unknown-ca "$names" && cp unknown.pem unknown.chain
leaf alone inter "$names" && cp alone.pem alone.chain
key=rsa:2048 leaf rsa inter "$names"
key=rsa:1024 leaf weak inter "$names"
key=rsa:2048 leaf sha1 inter "$names" -sha1
leaf client inter 'extendedKeyUsage=clientAuth\n' && cat inter.pem >> client.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key -out self.chain -days 365 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2> /dev/null
printf 'database=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n' | { echo '[ca]'; echo 'default_ca=d'; echo '[d]'; cat; echo '[p]'; echo 'commonName=supplied'; } > ca.cnf
: > index; echo 1000 > serial
newest ec -pkeyopt ec_paramgen_curve:P-256 -keyout expired.key -out expired.csr -subj /CN=localhost
printf "$names" > expired.ext
openssl ca -batch -notext -config ca.cnf -cert inter.pem -keyfile inter.key -in expired.csr -out expired.pem -extfile expired.ext -startdate 20200101000000Z -enddate 20200201000000Z 2> /dev/null
cat expired.pem inter.pem > expired.chain
openssl pkey -in good.key -pubout -outform der | openssl dgst -sha256 -binary | openssl base64 > good.pin

secured() { # port, certificate, flags of listen, more
  echo "server { listen 127.0.0.1:$1 ssl ${3:-}; listen [::1]:$1 ssl ${3:-}; ssl_certificate $PWD/$2.chain; ssl_certificate_key $PWD/$2.key; ${4:-} include $PWD/places.conf; }"
}
cat > places.conf <<Z
root $PWD/www; gzip on; gzip_types text/plain; gzip_min_length 1000;
location /slow/ { limit_rate 64k; }
location /basic/ { auth_basic lab; auth_basic_user_file $PWD/htpasswd; }
location = /redirect { return 301 /index.html; }
location = /loop { return 302 /loop; }
location = /gone { return 410 "gone\n"; }
location = /teapot { return 418; }
location = /ask { default_type text/plain; return 200 "\$request_method \$request_uri \$http_host|\$http_accept|\$http_x_a|\$http_cookie|\$http_referer|\$content_type|\$content_length\n"; }
Z
cat > nginx.conf <<Z
user root; worker_processes 1; pid $PWD/nginx.pid; error_log $PWD/log/nginx.err warn;
events { worker_connections 512; }
http { access_log off; types { text/plain txt; text/html html; } server_tokens off;
client_body_temp_path $PWD/tmp/b; proxy_temp_path $PWD/tmp/p; fastcgi_temp_path $PWD/tmp/f; uwsgi_temp_path $PWD/tmp/u; scgi_temp_path $PWD/tmp/s;
ssl_protocols TLSv1.2 TLSv1.3;
server { listen 127.0.0.1:80; listen [::1]:80; listen unix:$PWD/nginx.sock; include $PWD/places.conf; }
$(secured 443 good; secured 444 rsa http2; secured 445 good http2 "ssl_client_certificate $PWD/ca.pem; ssl_verify_depth 3; ssl_verify_client on;"
  secured 446 expired; secured 447 wrong; secured 448 self; secured 449 alone; secured 450 unknown; secured 451 good '' 'ssl_protocols TLSv1.2;'
  secured 452 rsa '' 'ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL@SECLEVEL=0;'; secured 454 nosan; secured 456 weak '' 'ssl_ciphers DEFAULT@SECLEVEL=0;'
  secured 457 sha1 '' 'ssl_ciphers DEFAULT@SECLEVEL=0;'; secured 458 nousage)
}
Z
cat > Caddyfile <<Z
{
 admin off
 auto_https off
 default_bind 127.0.0.1 ::1
 servers {
  protocols h1 h2 h2c h3
 }
}
https://localhost:543 {
 tls $PWD/good.chain $PWD/good.key
 root * $PWD/www
 encode gzip
 respond /echo "{http.request.method} {http.request.uri} {http.request.proto}"
 file_server
}
http://:544 {
 root * $PWD/www
 file_server
}
Z
cat good.chain good.key > haproxy.pem
cat > haproxy.cfg <<Z
global
 maxconn 100
defaults
 mode http
 timeout connect 5s
 timeout client 30s
 timeout server 30s
frontend secured
 bind 127.0.0.1:643 ssl crt $PWD/haproxy.pem alpn h2,http/1.1
 http-request early-hint Link "</style.css>; rel=preload" if { path /early }
 http-request return status 200 content-type text/plain string "after the hints\n" if { path /early }
 default_backend nginx
frontend announced
 bind 127.0.0.1:681 accept-proxy
 http-request return status 200 content-type text/plain lf-string "from %[src]\n"
frontend refusing
 bind 127.0.0.1:682
 http-request silent-drop if { path /drop }
 http-request deny deny_status 429 hdr Retry-After 1
backend nginx
 server n 127.0.0.1:80
Z
tiny() { # port, more
  printf 'Port %s\nListen 127.0.0.1\nTimeout 30\nMaxClients 20\nLogLevel Critical\n%s\n' $1 "$2" > tiny$1.conf
  tinyproxy -d -c tiny$1.conf > log/tiny$1 2>&1 &
}
# Each ends with the lab, and none holds what the test reads.
exec < /dev/null
nginx -e $PWD/log/nginx.err -c $PWD/nginx.conf > log/nginx 2>&1
caddy run --adapter caddyfile --config Caddyfile > log/caddy 2>&1 &
haproxy -db -f haproxy.cfg > log/haproxy 2>&1 &
tiny 800 ''
tiny 801 'BasicAuth user pass'
microsocks -i 127.0.0.1 -p 810 > log/socks 2>&1 &
microsocks -i 127.0.0.1 -p 811 -u user -P pass > log/socks-auth 2>&1 &
for port in 80 443 543 544 643 681 800 801 810 811; do
  for _ in $(seq 200); do (: < /dev/tcp/127.0.0.1/$port) 2> /dev/null && continue 2; sleep 0.05; done
  echo "nobody at $port" >&2; tail log/* >&2; exit 1
done
