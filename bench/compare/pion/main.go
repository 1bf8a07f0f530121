// A WHIP and WHEP fan-out on Pion as its own examples build one: a local track for each published one, written to by its reader,
// all peers on one UDP port. It is the rival that servers built on Pion start from.
package main

import (
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v3"
)

type stream struct {
	sync.Mutex
	api    *webrtc.API
	tracks map[string]*webrtc.TrackLocalStaticRTP
}

func main() {
	httpAddress := flag.String("http", ":8081", "address of WHIP and WHEP")
	udpPort := flag.Int("udp", 8190, "the one port of all media")
	flag.Parse()

	socket, err := net.ListenUDP("udp4", &net.UDPAddr{Port: *udpPort})
	if err != nil {
		log.Fatal(err)
	}
	settings := webrtc.SettingEngine{}
	settings.SetICEUDPMux(webrtc.NewICEUDPMux(nil, socket))
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIncludeLoopbackCandidate(true)
	// The load offers to be DTLS client, of every server alike.
	if err = settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		log.Fatal(err)
	}
	media := &webrtc.MediaEngine{}
	registry := &interceptor.Registry{}
	if err = media.RegisterDefaultCodecs(); err != nil {
		log.Fatal(err)
	}
	if err = webrtc.RegisterDefaultInterceptors(media, registry); err != nil {
		log.Fatal(err)
	}
	s := &stream{
		api:    webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry)),
		tracks: map[string]*webrtc.TrackLocalStaticRTP{},
	}
	http.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/tracks", s.count)
	http.HandleFunc("/whip", s.publish)
	http.HandleFunc("/whep", s.watch)
	log.Fatal(http.ListenAndServe(*httpAddress, nil))
}

// 404 until as many tracks as asked for are there: viewers get the tracks of the moment they come.
func (s *stream) count(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	if strconv.Itoa(len(s.tracks)) != r.URL.RawQuery {
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *stream) publish(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, func(peer *webrtc.PeerConnection) error {
		peer.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { s.forward(remote) })
		return nil
	})
}

func (s *stream) forward(remote *webrtc.TrackRemote) {
	local, err := webrtc.NewTrackLocalStaticRTP(remote.Codec().RTPCodecCapability, remote.Kind().String(), "compare")
	if err != nil {
		log.Print(err)
		return
	}
	s.Lock()
	s.tracks[remote.Kind().String()] = local
	s.Unlock()
	packet := make([]byte, 1500)
	for {
		n, _, err := remote.Read(packet)
		if err != nil {
			return
		}
		if _, err = local.Write(packet[:n]); err != nil {
			log.Print(err)
		}
	}
}

func (s *stream) watch(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, func(peer *webrtc.PeerConnection) error {
		s.Lock()
		defer s.Unlock()
		for _, track := range s.tracks {
			sender, err := peer.AddTrack(track)
			if err != nil {
				return err
			}
			go func() {
				reports := make([]byte, 1500)
				for {
					if _, _, err := sender.Read(reports); err != nil {
						return
					}
				}
			}()
		}
		return nil
	})
}

func (s *stream) answer(w http.ResponseWriter, r *http.Request, prepare func(*webrtc.PeerConnection) error) {
	offer, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil {
		return
	}
	peer, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err == nil {
		err = prepare(peer)
	}
	if err == nil {
		err = peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(offer)})
	}
	var answer webrtc.SessionDescription
	if err == nil {
		answer, err = peer.CreateAnswer(nil)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	gathered := webrtc.GatheringCompletePromise(peer)
	if err = peer.SetLocalDescription(answer); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	<-gathered
	peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed {
			_ = peer.Close()
		}
	})
	w.Header().Set("Content-Type", "application/sdp")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, peer.LocalDescription().SDP)
}
