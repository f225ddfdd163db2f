"""Work on film that is there: each module builds a Shot and films nothing itself.

extend    what happens next, or what happened before
remix     the same film, told anew
loop      a bridge from its end back to its beginning, or a shot that closes on itself
blend     a bridge from one film into another
inpaint   a part of the picture filmed anew
outpaint  more picture around it
retime    slower, with the moments between filmed
"""
