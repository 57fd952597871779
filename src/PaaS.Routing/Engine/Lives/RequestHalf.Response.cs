using System.Text;

namespace PaaS.Routing;

/// <summary>The responses, in HTTP/1.</summary>
internal sealed partial class RequestHalf : IClientHalf
{
    /// <summary>A piece up to this size is copied behind the head, for less than it costs the kernel to gather two stretches.</summary>
    private const int CopiedPiece = 1024;

    private BodyKind _framing;

    public int Unsent => IsOpen ? _link.Unsent : 0;

    public bool IsOpen => _phase != Phase.Closed;

    private ByteBuffer Output => _exchange!.ToClient;

    public void SendContinue()
    {
        if (!_exchange!.IsHttp10)
        {
            Output.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);
            Flush();
        }
    }

    public void SendInterim(ResponseHead head, ReadOnlySpan<byte> input)
    {
        if (_exchange!.IsHttp10)
        {
            return;
        }

        if (head.Status == 100)
        {
            Output.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);
        }
        else
        {
            head.WriteTo(Output, input, new ResponseHeadFields { Via = Via, Date = default, Connection = ConnectionWord.None, Framing = default });
        }
    }

    public void BeginResponse(ResponseHead head, ReadOnlySpan<byte> input, BodyFraming body, bool keepAlive)
    {
        var exchange = _exchange!;
        var framing = body;
        if (body.Kind is BodyKind.Chunked or BodyKind.UntilClose)
        {
            framing = new BodyFraming(exchange.IsHttp10 ? BodyKind.UntilClose : BodyKind.Chunked);
        }

        _framing = framing.Kind;
        var keeps = keepAlive && !_isLast && framing.Kind != BodyKind.UntilClose;
        _isLast |= !keeps;
        head.WriteTo(Output, input, new ResponseHeadFields
        {
            Via = Via,
            Date = _lane.Date,
            Connection = !keeps ? ConnectionWord.Close : exchange.IsHttp10 ? ConnectionWord.KeepAlive : ConnectionWord.None,
            Framing = framing,
            RelaysFraming = exchange.IsHead || head.Status == 304,
            Extra = exchange.ExtraToClient,
        });
    }

    public void SendData(ReadOnlySpan<byte> data)
    {
        var output = Output;
        if (_framing != BodyKind.Chunked || _phase == Phase.Tunnel)
        {
            if (output.Length > 0 && data.Length <= CopiedPiece)
            {
                output.Write(data);
                return;
            }

            _link.Send(output.Written, data);
            output.Truncate(0);
            return;
        }

        output.WriteHex(data.Length);
        output.Write("\r\n"u8);
        if (data.Length <= Exchange.SmallPiece)
        {
            // The next one, or the end, is likely in the same segment.
            output.Write(data);
            output.Write("\r\n"u8);
        }
        else
        {
            _link.Send(output.Written, data, "\r\n"u8);
            output.Truncate(0);
        }
    }

    public void EndResponse(ReadOnlySpan<byte> trailers)
    {
        if (_framing == BodyKind.Chunked)
        {
            var output = Output;
            output.Write("0\r\n"u8);
            output.Write(trailers);
            output.Write("\r\n"u8);
        }
    }

    public void BeginTunnel(ResponseHead head, ReadOnlySpan<byte> input)
    {
        _phase = Phase.Tunnel;
        head.WriteTo(Output, input, new ResponseHeadFields { Via = Via, Date = _lane.Date, Connection = ConnectionWord.Upgrade, Framing = default, Extra = _exchange!.ExtraToClient });
    }

    public void EndTunnel() => _link.End();

    public void SendError(in ErrorAnswer answer, bool keepAlive)
    {
        var exchange = _exchange!;
        var keeps = keepAlive && !_isLast;
        _isLast |= !keeps;
        _framing = BodyKind.Length;
        var output = Output;
        output.Truncate(0);
        output.Write("HTTP/1.1 "u8);
        output.WriteNumber(answer.Status);
        output.Write(" "u8);
        Write(output, StatusText.Of(answer.Status));
        output.Write("\r\nDate: "u8);
        output.Write(_lane.Date);
        output.Write("\r\nContent-Type: "u8);
        Write(output, answer.ContentType);
        output.Write("\r\nCache-Control: no-cache, no-store\r\nContent-Length: "u8);
        output.WriteNumber(answer.Body.Length);
        if (answer.RetryAfter is { } seconds)
        {
            output.Write("\r\nRetry-After: "u8);
            output.WriteNumber(seconds);
        }

        output.Write(!keeps ? "\r\nConnection: close\r\n\r\n"u8 : exchange.IsHttp10 ? "\r\nConnection: keep-alive\r\n\r\n"u8 : "\r\n\r\n"u8);
        if (!exchange.IsHead)
        {
            output.Write(answer.Body.Span);
        }
    }

    public void Cut()
    {
        if (_phase == Phase.Closed)
        {
            return;
        }

        // Where the end of the connection is the end of the body, only a reset tells that it is not whole.
        var isVisible = _framing != BodyKind.UntilClose && _link.Unsent == 0;
        if (isVisible)
        {
            Flush();
        }

        Leave();
        if (isVisible)
        {
            _link.Close();
        }
        else
        {
            _link.Abort();
        }
    }

    public void Flush()
    {
        if (IsOpen && _exchange is { ToClient: { Length: > 0 } output })
        {
            _link.Send(output.Written);
            output.Truncate(0);
        }
    }

    public void PauseBody() => Pause();

    public void ResumeBody() => Resume();

    public void Done(bool keepAlive)
    {
        Flush();
        _exchange = null;
        if (_phase == Phase.Closed)
        {
            return;
        }

        if (!keepAlive || _isLast || _hasEnded)
        {
            Close();
            return;
        }

        _phase = Phase.Head;
        SetDue(_lane, _lane.Now + Ticks(_lane.Engine.Options.ClientIdleTimeout));
        Resume();
    }

    private static ReadOnlySpan<byte> Via => "1.1 paas-router"u8;

    private static void Write(ByteBuffer output, string text) => output.Advance(Encoding.ASCII.GetBytes(text, output.GetSpan(text.Length)));
}
